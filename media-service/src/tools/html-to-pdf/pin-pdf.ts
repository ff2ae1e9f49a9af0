import { Transform } from 'node:stream';

/** Longer than anything that is looked for, so that nothing is cut in two. */
const overlapBytes = 128;

const pinnedDate = "D:20000101000000+00'00'";

/**
 * Takes the clock and the counters of the browser out of a PDF while it streams by: dates become a
 * fixed one, and element ids are numbered anew. Every replacement has the length of what it replaces,
 * so offsets stay right. Counts the pages on the way.
 */
export function createPdfPinner(): { stream: Transform; pageCount: () => number } {
  const ids = new Map<string, string>();
  let rest = '';
  let pages = 0;

  const pin = (text: string): string => {
    pages += text.match(/\/Type\s*\/Page(?![a-zA-Z])/g)?.length ?? 0;
    return text
      .replace(/D:\d{14}[+-]\d\d'\d\d'/g, (date) => pinnedDate.slice(0, date.length))
      .replace(/\bnode(\d{8})\b/g, (_id, digits: string) => {
        const known = ids.get(digits) ?? String(ids.size + 1).padStart(8, '0');
        ids.set(digits, known);
        return `node${known}`;
      });
  };

  /** The last safe place to cut: a line end far enough from the end of what has come. */
  const cutAt = (text: string): number => text.lastIndexOf('\n', text.length - overlapBytes) + 1;

  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const text = rest + chunk.toString('latin1');
      const cut = cutAt(text);
      rest = text.slice(cut);
      done(null, cut > 0 ? Buffer.from(pin(text.slice(0, cut)), 'latin1') : undefined);
    },
    flush(done) {
      done(null, Buffer.from(pin(rest), 'latin1'));
    },
  });
  return { stream, pageCount: () => pages };
}
