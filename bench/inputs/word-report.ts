import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import {
  docx,
  heading,
  p,
  picture,
  r,
  table,
} from '../../media-service/src/tools/word-to-pdf/testing/docx.ts';
import { loadPhotos } from './photos.ts';
import { createRandom } from './random.ts';

/** To be raised when the document changes, because it is kept. */
const recipe = 1;

export type WordReport = { path: string; bytes: Buffer; words: string[] };

const vocabulary =
  'account annual budget capital company customer decision delivery engine estimate figure forecast growth harbour income journey kitchen level market nature office order people planning quarter record region report result season service supply table team theory transport unit value vessel weather window'.split(
    ' ',
  );

/** A report of seventeen pages with six photographs, six tables, lists and formats. */
export async function loadWordReport(folder: string): Promise<WordReport> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `report-${recipe}.docx`);
  const random = createRandom(12);
  const words: string[] = [];
  const take = (text: string) => {
    words.push(...text.split(/\s+/));
    return text;
  };
  const sentence = (length: number) => {
    const chosen = Array.from(
      { length },
      () => vocabulary[Math.floor(random() * vocabulary.length)] ?? '',
    );
    return `${chosen.join(' ').replace(/^./, (letter) => letter.toUpperCase())}.`;
  };
  const text = (sentences: number) =>
    take(
      Array.from({ length: sentences }, () => sentence(8 + Math.floor(random() * 12))).join(' '),
    );
  const chapters = Array.from({ length: 6 }, (_, index) => [
    heading(1, take(`Chapter ${index + 1}`)),
    p(text(12), { properties: '<w:jc w:val="both"/>' }),
    `<w:p>${r(`${text(2)} `, '<w:b/>')}${r(`${text(2)} `, '<w:i/>')}${r(text(2), '<w:color w:val="1F4E79"/>')}</w:p>`,
    heading(2, take('Photograph')),
    `<w:p>${picture(`rPhoto${index}`, 400, 300)}</w:p>`,
    heading(2, take('Figures')),
    table(
      Array.from({ length: 10 }, () => [
        text(1),
        take(random().toFixed(4)),
        take(random().toFixed(4)),
      ]),
      { columns: [5000, 2000, 2000], headerRows: 1 },
    ),
    ...Array.from({ length: 4 }, () => p(text(9))),
  ]);
  const body = chapters.flat().join('');
  if (!existsSync(path)) writeFileSync(path, await docx({ body, ...(await photos(folder)) }));
  return { path, bytes: readFileSync(path), words };
}

async function photos(folder: string) {
  const loaded = await loadPhotos(folder);
  const small = await Promise.all(
    loaded.map(({ bytes }) => sharp(bytes).resize(1600).jpeg({ quality: 85 }).toBuffer()),
  );
  return {
    relationships: small.map(
      (_, index) => [`rPhoto${index}`, 'image', `media/photo${index}.jpg`] as const,
    ),
    parts: Object.fromEntries(
      small.map((data, index) => [`word/media/photo${index}.jpg`, data] as const),
    ),
  };
}
