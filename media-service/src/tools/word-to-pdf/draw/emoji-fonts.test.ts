import { expect, it } from 'vitest';
import { createEmojiFonts } from './emoji-fonts.ts';
import { createPdf } from './pdf-writer.ts';

it('emoji take as many fonts as there are of them, and of each only the drawn ones', async () => {
  const pdf = createPdf({});
  const chunks: Buffer[] = [];
  pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
  const emoji = createEmojiFonts(pdf);
  const all = Array.from({ length: 270 }, (_none, at) => String.fromCodePoint(0x1f400 + at));
  const faces = new Set(all.map(emoji).filter((face) => face !== undefined));
  expect(faces.size).toBe(2);
  expect(emoji('🐀')).toBe(emoji('🐀'));
  expect(emoji('x')).toBeUndefined();
  const [first] = faces;
  if (!first || !('finish' in first.pdf)) throw new Error('no font of pictures');
  const [codes, places] = first.pdf.encode('🐀🐃?🐀');
  expect(codes).toEqual(['01', '04', '01']);
  expect(places.map(({ xAdvance }) => xAdvance)).toEqual([1248, 1248, 1248]);
  await first.pdf.finish();
  pdf.end();
  const text = Buffer.concat(chunks).toString('latin1');
  expect(text.match(/\/SMask/g)).toHaveLength(2);
  expect(text).toContain('/Differences [1 /e1 4 /e4 5 /m]');
});
