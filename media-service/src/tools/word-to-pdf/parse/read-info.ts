import type { DocxPackage } from '../package/open-package.ts';
import { findPart, type Relationships } from '../package/relationships.ts';
import type { DocumentInfo } from './model.ts';
import { child, readXml } from './xml.ts';

/** Title, author and date, as the document's properties have them. */
export async function readInfo(file: DocxPackage, root: Relationships): Promise<DocumentInfo> {
  const name = findPart(root, 'core-properties') ?? 'docProps/core.xml';
  const text = await file.readText(name);
  if (text === undefined) return {};
  const properties = readXml(text);
  const read = (element: string) =>
    child(properties, element)?.text.trim().slice(0, 1000) || undefined;
  const modified = new Date(read('dcterms:modified') ?? read('dcterms:created') ?? '');
  return {
    title: read('dc:title'),
    author: read('dc:creator'),
    subject: read('dc:subject'),
    keywords: read('cp:keywords'),
    modified: Number.isNaN(modified.getTime()) ? undefined : modified,
  };
}
