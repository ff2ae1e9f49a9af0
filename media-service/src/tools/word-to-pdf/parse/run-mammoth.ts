import mammoth from 'mammoth';
import type { FidelityReport } from './fidelity.ts';

/** What mammoth makes of a document; see its `documents.js`. */
export type AstNode = {
  type: string;
  children?: AstNode[];
  value?: string;
  /** Index of the paragraph's record. */
  alignment?: string | null;
  /** Index of the run's record. */
  font?: string | null;
  /** Index of the table's record. */
  styleId?: string | null;
  colSpan?: number;
  href?: string;
  anchor?: string;
  noteType?: 'footnote' | 'endnote';
  noteId?: string;
  breakType?: 'line' | 'page' | 'column';
  /** Index of the image's record. */
  altText?: string;
  name?: string;
  checked?: boolean;
  body?: AstNode[];
};

export type Ast = {
  children: AstNode[];
  note: (type: 'footnote' | 'endnote', id: string) => AstNode[];
};

type MammothDocument = AstNode & {
  notes: { resolve: (reference: { noteType: string; noteId: string }) => AstNode | null };
};

const main = 'word/document.xml';

/** Mammoth looks up the part behind a picture; the picture itself is read elsewhere. */
const imageRelationships =
  '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId0" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="media/picture.png"/></Relationships>';

/** Styles are resolved elsewhere; without the part mammoth fails at the first table. */
const noStyles =
  '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>';

/**
 * Has mammoth read annotated parts. It never sees the file itself: no ZIP, no relationships, and
 * nothing that it could fetch.
 */
export async function runMammoth(
  parts: { document: string; footnotes?: string; endnotes?: string },
  report: FidelityReport,
): Promise<Ast> {
  const contents = new Map([
    [main, parts.document],
    ['word/_rels/document.xml.rels', imageRelationships],
    ['word/_rels/footnotes.xml.rels', imageRelationships],
    ['word/_rels/endnotes.xml.rels', imageRelationships],
  ]);
  contents.set('word/styles.xml', noStyles);
  if (parts.footnotes) contents.set('word/footnotes.xml', parts.footnotes);
  if (parts.endnotes) contents.set('word/endnotes.xml', parts.endnotes);
  const file = {
    exists: (name: string) => contents.has(name),
    read: async (name: string) => contents.get(name) ?? '',
  };
  let document: MammothDocument | undefined;
  const { messages } = await mammoth.convertToHtml({ file } as never, {
    includeDefaultStyleMap: false,
    includeEmbeddedStyleMap: false,
    transformDocument: (read: MammothDocument) => {
      document = read;
      return { ...read, children: [] };
    },
  });
  for (const { message } of messages)
    if (message.startsWith('A w:sym element')) report.add('symbol');
  const read = document;
  if (!read) throw new Error('mammoth gave no document');
  return {
    children: read.children ?? [],
    note: (noteType, noteId) => read.notes.resolve({ noteType, noteId })?.body ?? [],
  };
}
