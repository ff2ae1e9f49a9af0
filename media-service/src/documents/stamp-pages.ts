import { layOver } from './lay-over.ts';
import { match, type Pdf, referenceOf } from './open-pdf.ts';
import { editPages, type PdfEdit, readPages } from './pdf-file.ts';

/** Pages of a document that go over the same pages of another; 1-based, both inclusive. */
export type Stamp = { path: string; from: number; to: number };

/**
 * Lays pages that Chromium has printed without tags over those that it has printed with, by an
 * update at the end of the file. What they show is no part of the content; their links are kept.
 */
export function stampPages(path: string, stamps: readonly Stamp[]): Promise<void> {
  return editPages(path, async (pages, objects) => {
    for (const stamp of stamps)
      await readPages(stamp.path, async (stampPages, read) => {
        const take = createTaker(read, objects);
        for (let at = stamp.from - 1; at < stamp.to; at++) {
          const [page, over] = [pages[at], stampPages[at]];
          if (page === undefined || over === undefined) throw new Error('A stamp lacks a page.');
          const shown = await read(over);
          const form = objects.put(await take(await toForm(shown, read)));
          await layOver(objects, page, { form, name: `/Bands${form}` });
          const links = /\/Annots\s*\[([^\]]*)\]/.exec(shown)?.[1];
          if (links) objects.put(addLinks(await objects.read(page), await take(links)), page);
        }
      });
  });
}

async function toForm(page: string, read: Pdf['read']): Promise<string> {
  const contents = await read(referenceOf(page, 'Contents'));
  const box = match(page, /\/MediaBox\s*(\[[^\]]*\])/);
  const resources = match(page, /\/Resources\s*(<<(?:[^<>]|<<[^<>]*>>)*>>)/);
  const entries = `/Type /XObject /Subtype /Form /BBox ${box} /Resources ${resources}`;
  return contents.replace(/^<</, (start) => `${start}${entries}\n`);
}

const addLinks = (page: string, links: string) =>
  /\/Annots\s*\[/.test(page)
    ? page.replace(/\/Annots\s*\[/, (start) => `${start}${links} `)
    : page.replace(/^<</, (start) => `${start}/Annots [${links}]\n`);

/** References to objects, but not what looks like one in a string or a stream. */
const references = /\((?:\\.|[^\\()])*\)|>>\s*stream\r?\n.*|(\d+) 0 R\b/gs;

/** Brings text of one document into another, with all objects that it leads to. */
function createTaker(
  read: Pdf['read'],
  { put, reserve }: PdfEdit,
): (text: string) => Promise<string> {
  const numbers = new Map<string, number>();
  return async function take(text) {
    for (const [, id] of text.matchAll(references)) {
      if (id === undefined || numbers.has(id)) continue;
      const number = reserve();
      // Objects may lead back to where one came from.
      numbers.set(id, number);
      put(await take(await read(Number(id))), number);
    }
    return text.replace(references, (found, id?: string) =>
      id === undefined ? found : `${numbers.get(id)} 0 R`,
    );
  };
}
