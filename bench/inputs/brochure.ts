import sharp from 'sharp';
import { loadPhotos } from './photos.ts';
import { createRandom } from './random.ts';

/** To be raised when the drawing changes, because the printed document is kept. */
export const brochureRecipe = 1;
const pageCount = 20;
const photoEvery = 5;

const words =
  'season harbour river market engine paper light garden bridge winter signal copper valley travel record window summer thread island measure'.split(
    ' ',
  );

/** HTML of twenty A4 pages: set text, a table, drawn charts, and a photograph on every fifth. */
export async function drawBrochure(folder: string): Promise<string> {
  const photos = await loadPhotos(folder);
  const small = await Promise.all(
    photos.slice(0, pageCount / photoEvery).map(async ({ bytes }) => {
      const jpeg = await sharp(bytes).resize(1000).jpeg({ quality: 85 }).toBuffer();
      return `<img src="data:image/jpeg;base64,${jpeg.toString('base64')}" alt="">`;
    }),
  );
  const random = createRandom(20);
  const pages = Array.from({ length: pageCount }, (_, index) => {
    const isPhoto = (index + 1) % photoEvery === 0;
    const picture = isPhoto ? small[(index + 1) / photoEvery - 1] : drawChart(random);
    return `<section><h1>Part ${index + 1}</h1><div class="text">${paragraph(random, 210)}</div>
${picture}${drawTable(random)}<div class="text">${paragraph(random, 160)}</div></section>`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Brochure</title><style>
@page{size:A4;margin:16mm}body{font:10pt/1.4 "Liberation Serif",serif;margin:0;color:#1d2433}
section{break-after:page;height:260mm;overflow:hidden}h1{font:700 20pt "Liberation Sans";color:#3b5bdb}
.text{columns:2;column-gap:8mm;text-align:justify}img,svg{display:block;width:100%;height:70mm;object-fit:cover;margin:4mm 0}
table{width:100%;border-collapse:collapse;font-size:8.5pt;margin:3mm 0}td{border-bottom:.4pt solid #b9c2d8;padding:1.2mm}
tr:nth-child(odd) td{background:#f2f5ff}</style></head><body>${pages.join('\n')}</body></html>`;
}

function paragraph(random: () => number, count: number): string {
  const text = Array.from({ length: count }, () => words[Math.floor(random() * words.length)]);
  return `<p>${text.join(' ')}.</p>`;
}

function drawTable(random: () => number): string {
  const row = () =>
    `<tr><td>${words[Math.floor(random() * words.length)]}</td>${Array.from({ length: 6 }, () => `<td>${(random() * 900).toFixed(2)}</td>`).join('')}</tr>`;
  return `<table>${Array.from({ length: 8 }, row).join('')}</table>`;
}

function drawChart(random: () => number): string {
  const lines = ['#3b5bdb', '#e8590c', '#2b8a3e', '#862e9c'].map((colour) => {
    let y = 60 + random() * 60;
    const points = Array.from({ length: 180 }, (_, x) => {
      y = Math.min(170, Math.max(10, y + (random() - 0.5) * 18));
      return `${x * 3.3},${y.toFixed(1)}`;
    });
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.4" points="${points.join(' ')}"/>`;
  });
  const bars = Array.from({ length: 24 }, (_, x) => {
    const height = 20 + random() * 120;
    return `<rect x="${x * 25}" y="${(180 - height).toFixed(1)}" width="16" height="${height.toFixed(1)}" fill="hsl(${x * 9 + 200} 60% 88%)"/>`;
  });
  return `<svg viewBox="0 0 600 180" preserveAspectRatio="none">${bars.join('')}${lines.join('')}</svg>`;
}
