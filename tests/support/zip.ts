import { buffer } from 'node:stream/consumers';
import { fromBufferPromise } from 'yauzl';

export type ZipEntry = { name: string; bytes: Buffer };

/** The entries of a ZIP in their order; throws where the archive is not valid. */
export async function readZip(archive: Buffer): Promise<ZipEntry[]> {
  const zip = await fromBufferPromise(archive);
  const entries: ZipEntry[] = [];
  for await (const entry of zip.eachEntry()) {
    const stream = await zip.openReadStreamPromise(entry);
    entries.push({ name: entry.fileName, bytes: await buffer(stream) });
  }
  return entries;
}
