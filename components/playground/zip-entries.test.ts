import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { readZipEntries } from './zip-entries.ts';

async function zipOf(files: Record<string, string>, comment = ''): Promise<Blob> {
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), name);
  zip.end({ comment, forceZip64Format: false });
  return new Blob([new Uint8Array(await buffer(zip.outputStream))]);
}

test('every entry is listed in order, with its name and its unpacked size', async () => {
  const zip = await zipOf({ 'small.webp': 'abc', 'größer.webp': 'x'.repeat(5000) });
  expect(await readZipEntries(zip)).toEqual([
    { name: 'small.webp', size: 3 },
    { name: 'größer.webp', size: 5000 },
  ]);
});

test('a comment behind the directory does not hide it', async () => {
  const zip = await zipOf({ 'a.png': 'a' }, 'made by hand');
  expect(await readZipEntries(zip)).toEqual([{ name: 'a.png', size: 1 }]);
});

test('what is no ZIP, or only a piece of one, lists nothing', async () => {
  const zip = await zipOf({ 'a.png': 'a' });
  for (const blob of [new Blob([]), new Blob(['%PDF-1.7']), zip.slice(0, 40)])
    expect(await readZipEntries(blob)).toEqual([]);
});
