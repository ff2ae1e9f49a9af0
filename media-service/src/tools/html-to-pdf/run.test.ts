import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Printer, startPrinter } from './testing/printer.ts';
import { zip } from './testing/zip.ts';

let printer: Printer;
beforeAll(async () => {
  printer = await startPrinter();
});
afterAll(() => printer.close());

const chapters = (count: number) =>
  `<!doctype html><title>Book</title>${Array.from(
    { length: count },
    (_, at) => `<section style="break-before:page"><h1>Chapter ${at + 1}</h1></section>`,
  ).join('')}`;

describe('paper', () => {
  it('is A4 with 10 mm margins unless the caller says otherwise', async () => {
    const { effective, info, pages, text } = await printer.print({ html: '<p>Hello' });
    expect(info('Page size')).toMatch(/^59[45]\S* x 84[12]\S* pts/);
    expect(pages).toBe(1);
    expect(text()).toContain('Hello');
    expect(effective.margin).toMatchObject({ top: '28.35pt', left: '28.35pt' });
  });

  it.each([
    [{ page_size: 'Letter' }, 612, 792],
    [{ page_size: 'Letter', landscape: true }, 792, 612],
    [{ page_size: 'Ledger' }, 1224, 792],
    [{ page_size: 'A0' }, 2384, 3370],
    [{ page_size: 'A6' }, 298, 420],
    [{ width: '100mm', height: '2in' }, 283, 144],
  ])('has the size of %j', async (options, width, height) => {
    const { info } = await printer.print({ html: '<p>x', margin: {}, ...options });
    const [wide, high] = info('Page size').split(' x ').map(Number.parseFloat);
    expect(Math.abs((wide ?? 0) - width)).toBeLessThan(2);
    expect(Math.abs((high ?? 0) - height)).toBeLessThan(2);
  });

  it('is what @page says where the caller prefers that', async () => {
    const html = '<style>@page { size: 3in 5in }</style><p>x';
    const preferred = await printer.print({ html, prefer_css_page_size: true });
    expect(preferred.info('Page size')).toMatch(/^216 x 360/);
    expect((await printer.print({ html })).info('Page size')).toMatch(/^59[45]/);
  });

  it('is one sheet as long as the document, whatever its style sheet says of pages', async () => {
    const html = `<style>@page { size: A5; margin: 3in } section { break-before: page }</style>${chapters(3)}<div style="height:3000px">end</div>`;
    const { info, pages, text } = await printer.print({ html, single_page: true });
    expect(pages).toBe(1);
    expect(text()).toMatch(/Chapter 3\s+end/);
    const [, high] = info('Page size').split(' x ').map(Number.parseFloat);
    expect(high).toBeGreaterThan(3000 * 0.75);
    expect(high).toBeLessThan(3600 * 0.75);
  });

  it('of one sheet ends at what readers open, with a warning', async () => {
    const html = '<div style="height:50000px">x</div>';
    const { codes, info } = await printer.print({ html, single_page: true });
    expect(codes).toEqual(['size_reduced']);
    expect(info('Page size')).toMatch(/x 14400/);
  });

  it('takes more text where the scale is smaller', async () => {
    const html = chapters(1) + '<p style="height:400px">x</p>'.repeat(4);
    const normal = await printer.print({ html });
    const small = await printer.print({ html, scale: 0.5 });
    expect(normal.pages).toBeGreaterThan(small.pages ?? 9);
  });
});

describe('looks', () => {
  const colored = '<body style="margin:0;background:#2040c0;height:100vh"><p>x';

  it('backgrounds are printed unless the caller says no', async () => {
    expect(await (await printer.print({ html: colored })).pixel(0.5, 0.5)).toEqual([
      32, 64, 192, 255,
    ]);
    const bare = await printer.print({ html: colored, print_background: false });
    expect((await bare.pixel(0.5, 0.5))[3]).toBeLessThan(255);
  });

  it('a transparent page has nothing behind its content', async () => {
    const { pixel } = await printer.print({ html: '<p>x', transparent: true });
    expect((await pixel(0.9, 0.9))[3]).toBe(0);
  });

  it('style sheets for print apply, and those for the screen on demand', async () => {
    const html =
      '<style>@media print { .s { display: none } } @media screen { .p { display: none } }</style><p class="s">for screen<p class="p">for print';
    expect((await printer.print({ html })).text().trim()).toBe('for print');
    expect((await printer.print({ html, media: 'screen' })).text().trim()).toBe('for screen');
  });

  it('a page sees the colour scheme that the caller asks for', async () => {
    const html =
      '<style>@media (prefers-color-scheme: dark) { .l { display: none } } @media (prefers-color-scheme: light) { .d { display: none } }</style><p class="l">light<p class="d">dark';
    expect((await printer.print({ html })).text().trim()).toBe('light');
    const dark = await printer.print({ html, color_scheme: 'dark', media: 'screen' });
    expect(dark.text().trim()).toBe('dark');
  });

  it('fonts are embedded, also for scripts that Latin fonts lack', async () => {
    const html =
      '<meta charset="utf-8"><p style="font-family:Liberation Sans">Grüße</p><p>日本語 Привет العربية';
    const { ask, text } = await printer.print({ html });
    const fonts = ask('pdffonts', 'FILE').trim().split('\n').slice(2);
    expect(fonts.length).toBeGreaterThan(1);
    for (const font of fonts) expect(font).toMatch(/ yes (yes|no) {1,2}yes /);
    expect(text()).toContain('Grüße');
    expect(text()).toContain('日本語');
    expect(text()).toContain('Привет');
  });
});

describe('header and footer', () => {
  const band = (text: string) => ({
    html: `<span>${text} <i class="title"></i> <b class="pageNumber"></b>/<b class="totalPages"></b></span>`,
    height: '15mm',
  });

  it('carry number, count and title on every page, inside the margins that they need', async () => {
    const { effective, text } = await printer.print({
      html: chapters(3),
      header: band('Top'),
      footer: band('Bottom'),
    });
    for (const page of [1, 2, 3]) {
      expect(text(page)).toContain(`Top Book ${page}/3`);
      expect(text(page)).toContain(`Bottom Book ${page}/3`);
    }
    expect(text(2).indexOf('Top')).toBeLessThan(text(2).indexOf('Chapter'));
    expect(effective.margin).toMatchObject({ top: '42.52pt', right: '28.35pt' });
  });

  it('begin where the caller says, and the first page may have another', async () => {
    const { ask, info, text } = await printer.print({
      html: chapters(4),
      header: { ...band('Top'), start_page: 3 },
      footer: { ...band('Bottom'), first_page_html: 'Cover' },
    });
    const found = [1, 2, 3, 4].map((page) =>
      text(page)
        .match(/Top|Bottom|Cover|Chapter/g)
        ?.join(),
    );
    expect(found).toEqual([
      'Chapter,Cover',
      'Chapter,Bottom',
      'Top,Chapter,Bottom',
      'Top,Chapter,Bottom',
    ]);
    expect(text(4)).toContain('Top Book 4/4');
    expect(info('Tagged')).toBe('yes');
    expect(ask('qpdf', '--check', 'FILE')).toContain('No syntax');
  });

  it('keep their page numbers where only some pages are kept', async () => {
    const { text } = await printer.print({
      html: chapters(5),
      pages: '2,5',
      header: { ...band('Top'), start_page: 4 },
    });
    expect(text(1)).not.toContain('Top');
    expect(text(2)).toContain('Top Book 5/5');
  });

  it('are not run into by a page with margins of its own', async () => {
    const html = '<style>@page { margin: 0 } body { margin: 0; background: #ff0000 }</style>x';
    const { pixel } = await printer.print({ html, header: { html: 'x', height: '40mm' } });
    expect((await pixel(0.5, 0.1)).slice(0, 3)).not.toEqual([255, 0, 0]);
  });
});

describe('pages', () => {
  it.each([
    ['2-3', ['2', '3']],
    ['odd', ['1', '3', '5']],
    ['even,last', ['2', '4', '5']],
    ['!1,!5', ['2', '3', '4']],
    ['4-', ['4', '5']],
  ])('%s keeps those and nothing of the others', async (pages, kept) => {
    const { bytes, pages: count, text } = await printer.print({ html: chapters(5), pages });
    expect(text().match(/Chapter \d/g)).toEqual(kept.map((page) => `Chapter ${page}`));
    expect(count).toBe(kept.length);
    expect(bytes.toString('latin1').match(/\/Type \/Page\b/g)).toHaveLength(kept.length);
  });

  it('past the end are refused with the number of pages', async () => {
    const printing = printer.print({ html: chapters(3), pages: '2,7' });
    await expect(printing).rejects.toMatchObject({
      code: 'page_out_of_range',
      details: { param: 'pages', extra: { page_count: 3 } },
    });
  });
});

describe('document', () => {
  it('metadata says what the caller says, in any script, and the rest stays valid', async () => {
    const metadata = { title: 'Größe €', author: '李雷', keywords: ['a', 'b'], subject: 'S (1)' };
    const { ask, info } = await printer.print({ html: chapters(2), metadata });
    expect(info('Title')).toBe('Größe €');
    expect(info('Author')).toBe('李雷');
    expect(info('Keywords')).toBe('a, b');
    expect(info('Subject')).toBe('S (1)');
    expect(ask('qpdf', '--check', 'FILE')).toContain('No syntax');
    const untitled = await printer.print({ html: chapters(1), metadata: { author: 'A' } });
    expect(untitled.info('Title')).toBe('Book');
  });

  it('is encrypted so that only the password opens it, whatever characters that has', async () => {
    const user = '--pass "word" @ß\\';
    const encrypt = { user, owner: 'boss', allow: ['print'] };
    const { ask } = await printer.print({ html: '<p>secret text', encrypt });
    expect(() => ask('pdftotext', 'FILE', '-')).toThrow();
    expect(() => ask('qpdf', '--password=wrong', '--check', 'FILE')).toThrow();
    const told = ask('qpdf', `--password=${user}`, '--show-encryption', 'FILE');
    expect(told).toContain('AESv3');
    expect(told).toContain('print high resolution: allowed');
    expect(told).toContain('extract for any purpose: not allowed');
    expect(ask('pdftotext', '-upw', user, 'FILE', '-')).toContain('secret text');
  });

  it('is tagged unless the caller says no, and has bookmarks on demand', async () => {
    const html = '<html lang="en"><title>T</title><h1>One</h1><h2>Two</h2>';
    const plain = await printer.print({ html });
    expect(plain.info('Tagged')).toBe('yes');
    expect(plain.bytes.includes('/Outlines')).toBe(false);
    const rich = await printer.print({ html, outline: true });
    const { outlines } = JSON.parse(rich.ask('qpdf', '--json', '--json-key=outlines', 'FILE'));
    expect(outlines[0].title).toBe('One');
    expect(outlines[0].kids[0].title).toBe('Two');
    expect((await printer.print({ html, tagged: false })).info('Tagged')).toBe('no');
  });

  it('is the same byte for byte each time, in a new page and in a used one', async () => {
    const html = `${chapters(3)}<table><tr><th>a<td>b</table><ul><li>x</ul><a href="#t">t</a><p id="t">`;
    const prints = [];
    for (const accountId of ['one', 'one', 'one', 'two'])
      prints.push((await printer.print({ html }, { accountId })).bytes);
    for (const bytes of prints) expect(bytes.equals(prints[0] ?? Buffer.alloc(0))).toBe(true);
  });

  it('of several passes is the same byte for byte too', async () => {
    const options = {
      html: chapters(2),
      header: { html: 'H', start_page: 2 },
      metadata: { author: 'A' },
    };
    const [first, second] = [await printer.print(options), await printer.print(options)];
    expect(first.bytes.equals(second.bytes)).toBe(true);
  });
});

describe('source', () => {
  it('may be a file that names its encoding', async () => {
    const bytes = Buffer.from('<meta charset="iso-8859-1"><p>Gr\xfc\xdfe', 'latin1');
    expect((await printer.print({}, { file: { bytes, type: 'html' } })).text()).toContain('Grüße');
  });

  it('may be a zipped site whose style sheet, picture and script are used', async () => {
    const red = await sharp({
      create: { width: 8, height: 8, channels: 3, background: '#ff0000' },
    })
      .png()
      .toBuffer();
    const bytes = await zip({
      'site/index.html':
        '<link rel="stylesheet" href="css/a.css"><body><img src="/img/red%20dot.png"><p>page<script src="b.js"></script><script>fetch("d/x.json").then(r => r.json()).then(j => document.body.append(j.v))</script>',
      'site/css/a.css':
        'body{margin:0} img{display:block;width:100%;height:500px} p{background:url(../img/none.png)}',
      'site/img/red dot.png': red,
      'site/b.js': 'document.body.append("scripted")',
      'site/d/x.json': '{"v":"fetched"}',
    });
    const { pixel, text, warnings } = await printer.print({}, { file: { bytes, type: 'zip' } });
    expect(await pixel(0.5, 0.2)).toEqual([255, 0, 0, 255]);
    expect(text()).toMatch(/page\s+scripted\s*fetched/);
    expect(warnings).toMatchObject([{ code: 'resource_failed', reason: 'status 404' }]);
  });

  it('must hold an index.html where it is a ZIP', async () => {
    const bytes = await zip({ 'a.html': 'x' });
    expect(await printer.attempt({}, { file: { bytes, type: 'zip' } })).toBe('invalid_input');
  });
});
