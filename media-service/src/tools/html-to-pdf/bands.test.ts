import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Print, type Printer, startPrinter } from './testing/printer.ts';

let printer: Printer;
beforeAll(async () => {
  printer = await startPrinter();
});
afterAll(() => printer.close());

const create = { width: 8, height: 8, channels: 3, background: '#ff0000' } as const;
const red = (await sharp({ create }).png().toBuffer()).toString('base64');

const html = `<!doctype html><html lang="en"><title>Book</title>
  <style>h1 { break-before: page }</style>
  <h1 id="one">One</h1><p>A <a href="https://example.com/a">link</a> and <a href="#three">more</a>
  <h1>Two</h1><p>Grüße<ul><li>x<li><a href="https://example.com/b">y</a></ul>
  <h1 id="three">Three</h1><p>Last`;

/** A picture that fills the left, and text with a link, in a font that the content has not. */
const band = (text: string) => ({
  height: '20mm',
  html: `<img src="data:image/png;base64,${red}" style="width:60mm;height:15mm;vertical-align:middle">
    <tt>${text} (1 0 R) <b class="pageNumber"></b></tt> <a href="https://example.com/band">to</a>`,
});

/** What those who do not see the page get to know of it; the numbers of objects differ. */
const contentOf = ({ ask }: Print) => [
  ask('pdfinfo', '-struct-text', 'FILE').replaceAll(/Object \d+ 0/g, 'Object'),
  ask('pdfinfo', '-dests', 'FILE'),
  ask('qpdf', '--json=1', '--json-key=outlines', 'FILE').replaceAll(/"\d+ 0 R"|\d+/g, ''),
];

/** The pages that show the picture of the band, and those with its text. */
async function shownOn(print: Print, count: number, text: string): Promise<[string, string]> {
  const pages = Array.from({ length: count }, (_, at) => at + 1);
  const red: number[] = [];
  for (const page of pages)
    if (String(await print.pixel(0.1, 0.03, page)) === '255,0,0,255') red.push(page);
  return [red.join(), pages.filter((page) => print.text(page).includes(text)).join()];
}

const linksOf = ({ ask }: Print) =>
  [...ask('pdfinfo', '-url', 'FILE').matchAll(/(\d+) +Annotation +https:..example.com.(\w+)/g)]
    .map(([, page, path]) => `${page} ${path}`)
    .sort();

describe('a header that differs from page to page', () => {
  const plain = { html, outline: true, margin: { top: '20mm' } };

  it.each([
    ['from page 2 on', 'start_page', '2,3', ['1 a', '2 b', '2 band', '3 band']],
    ['on page 1 alone', 'first_page_html', '1', ['1 a', '1 band', '2 b']],
  ])('%s leaves tags, links and bookmarks', async (_, option, pages, links) => {
    const top = band('Top');
    const only = { ...top, html: 'Later', first_page_html: top.html };
    const header = option === 'start_page' ? { ...top, start_page: 2 } : only;
    const options = { ...plain, header };
    const [print, bare] = [await printer.print(options), await printer.print(plain)];
    expect(contentOf(print)).toEqual(contentOf(bare));
    expect(print.ask('pdfinfo', '-struct-text', 'FILE')).toMatch(/One.*Grüße.*Last/s);
    expect(await shownOn(print, 3, 'Top (1 0 R)')).toEqual([pages, pages]);
    expect(linksOf(print)).toEqual(links);
    expect(print.ask('qpdf', '--check', 'FILE')).toContain('No syntax');
    expect((await printer.print(options)).bytes.equals(print.bytes)).toBe(true);
  });

  it('and a footer that does so too are laid over pages in one go, whatever else is asked for', async () => {
    const footer = { html: '<i>End <b class="pageNumber"></b></i>', first_page_html: 'Cover' };
    const bands = { header: { ...band('Top'), start_page: 3 }, footer };
    const rest = { pages: '2-3', metadata: { author: 'Ann' } };
    const encrypt = { owner: 'boss', user: '', allow: ['print', 'accessibility', 'copy'] };
    const bare = await printer.print({ ...plain, ...rest });
    const options = { ...plain, ...rest, ...bands };
    const live = await printer.print(options);
    const test = await printer.print(options, { isTest: true });
    const locked = await printer.print({ ...options, encrypt }, { isTest: true });
    // The print, the bands, and the properties.
    expect(live.bytes.toString('latin1').match(/%%EOF/g)).toHaveLength(3);
    for (const print of [live, test, locked]) {
      expect(contentOf(print)).toEqual(contentOf(bare));
      expect(print.text(1)).toContain('End 2');
      expect(print.text(2)).toContain('End 3');
      expect(await shownOn(print, 2, 'Top (1 0 R) 3')).toEqual(['2', '2']);
      expect(linksOf(print)).toEqual(['1 b', '2 band']);
      expect(print.info('Author')).toBe('Ann');
      expect(print.ask('qpdf', '--check', 'FILE')).toContain('No syntax');
    }
  });
});
