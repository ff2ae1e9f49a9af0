import { type FileHandle, open } from 'node:fs/promises';

/** Writes the objects of a PDF one after the other, so that no picture is ever held in memory. */
export type PdfWriter = {
  /** A number for an object that is written later. */
  reserve: () => number;
  /** Writes an object, e.g. `<< /Type /Catalog >>`. */
  write: (id: number, body: string) => Promise<void>;
  /** Writes a stream of `length` bytes; `entries` are those of its dictionary beside Length. */
  writeStream: (
    id: number,
    entries: string,
    length: number,
    data: Iterable<Buffer> | AsyncIterable<Buffer>,
  ) => Promise<void>;
  /** Writes the table of all objects. */
  finish: (references: { root: number; info: number }) => Promise<void>;
  close: () => Promise<void>;
};

export async function createPdfWriter(path: string): Promise<PdfWriter> {
  const file = await open(path, 'wx', 0o600);
  const places: number[] = [0];
  const out = createBufferedFile(file);
  await out.put('%PDF-1.7\n%\xb5\xb5\xb5\xb5\n');
  const begin = (id: number) => {
    places[id] = out.length();
    return out.put(`${id} 0 obj\n`);
  };
  return {
    reserve: () => places.push(0) - 1,
    write: async (id, body) => {
      await begin(id);
      await out.put(`${body}\nendobj\n`);
    },
    writeStream: async (id, entries, length, data) => {
      await begin(id);
      await out.put(`<< ${entries} /Length ${length} >>\nstream\n`);
      const start = out.length();
      for await (const chunk of data) await out.putBytes(chunk);
      if (out.length() - start !== length) throw new Error('a stream has another length');
      await out.put('\nendstream\nendobj\n');
    },
    finish: async ({ info, root }) => {
      const start = out.length();
      const rows = places.map((place, id) =>
        id === 0 ? '0000000000 65535 f \n' : `${String(place).padStart(10, '0')} 00000 n \n`,
      );
      const references = `/Size ${places.length} /Root ${root} 0 R /Info ${info} 0 R`;
      await out.put(`xref\n0 ${places.length}\n${rows.join('')}`);
      await out.put(`trailer\n<< ${references} >>\nstartxref\n${start}\n%%EOF\n`);
      await out.flush();
    },
    close: () => file.close(),
  };
}

const bufferBytes = 64 * 1024;

/** Gathers small writes; large ones go straight to the file. */
function createBufferedFile(file: FileHandle) {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let written = 0;
  const flush = async () => {
    const bytes = Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    await writeAll(bytes);
  };
  const writeAll = async (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
  };
  const putBytes = async (bytes: Buffer) => {
    written += bytes.length;
    if (bytes.length >= bufferBytes) {
      await flush();
      await writeAll(bytes);
      return;
    }
    // Whoever reads them may use the same memory again.
    waiting.push(Buffer.from(bytes));
    waitingBytes += bytes.length;
    if (waitingBytes >= bufferBytes) await flush();
  };
  return {
    length: () => written,
    put: (text: string) => putBytes(Buffer.from(text, 'latin1')),
    putBytes,
    flush,
  };
}
