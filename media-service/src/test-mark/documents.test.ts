import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { flag } from '../tools/img-to-pdf/testing/converter.ts';
import { docx, heading, p } from '../tools/word-to-pdf/testing/docx.ts';
import { createMarker, expectMarked, hashesOf, type Made } from './testing/marker.ts';

const { both, folder, run, save } = createMarker('chromium', 'word', 'sharp');

const ask = (command: string, ...args: string[]) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

let drawn = 0;

/** The pages of a document as pictures. */
function draw(path: string, pages: number, ...options: string[]): string[] {
  const stem = join(folder, `pages-${drawn++}`);
  ask('pdftoppm', '-r', '72', '-png', ...options, path, stem);
  return Array.from({ length: pages }, (_, at) => `${stem}-${at + 1}.png`);
}

async function expectAllMarked(live: Made, test: Made, pages: number, ...options: string[]) {
  for (const [at, { path }] of test.files.entries()) {
    const before = draw(live.files[at]?.path ?? '', pages, ...options);
    for (const [page, marked] of draw(path, pages, ...options).entries())
      await expectMarked(marked, before[page]);
  }
}

/** What a document holds beside its looks. */
const contentOf = ({ files }: Made) =>
  files.map(({ path }) => [
    ask('pdftotext', '-layout', path, '-'),
    ...['-struct-text', '-url', '-dests'].map((what) => ask('pdfinfo', what, path)),
    ask('qpdf', '--json=1', '--json-key=outlines', path).replaceAll(/"\d+ 0 R"|\d+/g, ''),
    ask('qpdf', '--check', path).replaceAll(path, ''),
  ]);

const pages = `<!doctype html><html lang="en"><title>Two</title>
  <style>@page wide { size: 300mm 80mm } section + section { page: wide }</style>
  <section><h1 id="one">One</h1><p>Some <a href="https://example.com">text</a></section>
  <section><h1>Two</h1><p>More <a href="#one">text</a></section>`;

describe('html-to-pdf', () => {
  it('marks pages of every size, and keeps text, tags, bookmarks and links', async () => {
    const options = { html: pages, outline: true, tagged: true, metadata: { author: 'Ann' } };
    const header = { html: 'Top', start_page: 2 };
    const call = { ...options, header, prefer_css_page_size: true };
    const { live, test } = await both('html-to-pdf', call);
    expect(test.optionsEffective).toEqual(live.optionsEffective);
    await expectAllMarked(live, test, 2);
    expect(contentOf(test)).toEqual(contentOf(live));
    expect(ask('pdfinfo', test.files[0]?.path ?? '')).toMatch(/Author:\s+Ann/);
    expect(hashesOf(await run(['html-to-pdf', call], true))).toEqual(hashesOf(test));
    expect(hashesOf(await run(['html-to-pdf', call], false))).toEqual(hashesOf(live));
  });
});

describe('word-to-pdf', () => {
  it('marks every page, and keeps text and bookmarks', async () => {
    const next = '<w:br w:type="page"/>';
    const body = [heading(1, 'One'), p('First', { run: '' }), `<w:p><w:r>${next}</w:r></w:p>`];
    const file = save(await docx([...body, heading(1, 'Two'), p('Last')].join('')), 'docx');
    const { live, test } = await both('word-to-pdf', {}, [file]);
    expect(test.optionsEffective).toEqual(live.optionsEffective);
    await expectAllMarked(live, test, 2);
    expect(contentOf(test)).toEqual(contentOf(live));
  });
});

describe('img-to-pdf', () => {
  it('marks each of several documents, and keeps the pictures byte for byte', async () => {
    const images = [
      save(await flag(300, 200).jpeg().toBuffer(), 'jpg'),
      save(await flag(150, 200).png().toBuffer(), 'png'),
    ];
    const { live, test } = await both('img-to-pdf', { merge: false, margin: 20 }, images);
    expect(test.optionsEffective).toEqual(live.optionsEffective);
    await expectAllMarked(live, test, 1);
    const rawOf = ({ files }: Made) =>
      files.map(({ path }) => ask('pdfimages', '-list', path).replaceAll(/ +\d+ +0 /g, ' '));
    expect(rawOf(test)).toEqual(rawOf(live));
  });
});
