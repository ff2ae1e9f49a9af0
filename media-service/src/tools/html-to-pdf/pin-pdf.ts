import { Transform } from 'node:stream';

/** Longer than anything that is looked for, so that nothing is cut in two. */
const overlapBytes = 128;

const pinnedDate = "D:20000101000000+00'00'";

/**
 * Takes the clock and the counters of the browser out of its PDF while it streams by: dates become
 * a fixed one, and the ids of tagged elements are numbered anew. A replacement is as long as what it
 * replaces, so that offsets stay right.
 */
export function createPdfPinner(): Transform {
  const ids = new Map<string, string>();
  let rest = '';

  const pin = (text: string): string =>
    text
      .replace(/(\/(?:Creation|Mod)Date \()D:\d{14}\+00'00'\)/g, `$1${pinnedDate})`)
      .replace(/\(node(\d{8})\)/g, (_, digits: string) => {
        const known = ids.get(digits) ?? String(ids.size + 1).padStart(8, '0');
        ids.set(digits, known);
        return `(node${known})`;
      });

  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const text = rest + chunk.toString('latin1');
      // Cut at a line end, far enough from the end of what has come.
      const cut = text.lastIndexOf('\n', text.length - overlapBytes) + 1;
      rest = text.slice(cut);
      done(null, Buffer.from(pin(text.slice(0, cut)), 'latin1'));
    },
    flush(done) {
      done(null, Buffer.from(pin(rest), 'latin1'));
    },
  });
}
