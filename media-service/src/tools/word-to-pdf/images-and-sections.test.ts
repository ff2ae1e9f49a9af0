import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConverter, pixels, tool, words } from './testing/converter.ts';
import { a4, heading, namespaces, p, picture, r, relationshipsXml } from './testing/docx.ts';

const converter = createConverter();
const { convert } = converter;

beforeAll(() => converter.start());
afterAll(() => converter.stop());

const pageBreak = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>';

function square(
  color: string,
  format: 'png' | 'jpeg' | 'webp' | 'tiff' | 'gif' = 'png',
  size = 100,
) {
  const channels = 3 as const;
  return sharp({ create: { width: size, height: size, channels, background: color } })
    .toFormat(format)
    .toBuffer();
}

describe('images', () => {
  const body = `<w:p>${picture('rImg', 144, 72)}</w:p>`;
  const withImage = (name: string, data: Buffer) => ({
    body,
    relationships: [['rImg', 'image', `media/${name}`]] as const,
    parts: { [`word/media/${name}`]: data },
  });

  it('pass JPEG through, byte for byte', async () => {
    const data = await square('#3366cc', 'jpeg');
    const pdf = await convert(withImage('a.jpg', data));
    expect(readFileSync(pdf.path).includes(data)).toBe(true);
    expect(tool('pdfimages', ['-list', pdf.path])).toMatch(/100\s+100\s+rgb\s+3\s+8\s+jpeg/);
  });

  it.each(['png', 'gif', 'webp', 'tiff'] as const)(
    'show %s in its place and size',
    async (format) => {
      const pdf = await convert(withImage(`a.${format}`, await square('#cc3366', format)));
      const image = await pixels(pdf.path);
      expect(image.count([204, 51, 102])).toBeGreaterThan(144 * 72 * 0.95);
      expect(image.count([204, 51, 102])).toBeLessThan(144 * 72 * 1.05);
      expect(pdf.warnings).toEqual([]);
    },
  );

  it('keep transparency', async () => {
    const half = { r: 255, g: 0, b: 0, alpha: 0.5 };
    const data = await sharp({ create: { width: 50, height: 50, channels: 4, background: half } })
      .png()
      .toBuffer();
    const image = await pixels((await convert(withImage('a.png', data))).path);
    expect(image.count([255, 127, 127])).toBeGreaterThan(9000);
  });

  /** A photo of 600 dots per inch in its place. */
  const fine = () =>
    sharp({
      create: {
        width: 1200,
        height: 600,
        channels: 3,
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
        background: '#000',
      },
    })
      .jpeg()
      .toBuffer();

  it('are smaller with a lower image_quality, but not where they go in as they are', async () => {
    const data = await fine();
    const sizeAt = async (image_quality: number, image_max_dpi: number) => {
      const options = { image_quality, image_max_dpi };
      return readFileSync((await convert(withImage('a.jpg', data), options)).path).length;
    };
    expect(await sizeAt(20, 300)).toBeLessThan((await sizeAt(95, 300)) / 3);
    expect(await sizeAt(20, 1200)).toBe(await sizeAt(95, 1200));
  });

  it('scale down what is finer than image_max_dpi', async () => {
    const data = await fine();
    const list = async (options: Record<string, unknown>) =>
      tool('pdfimages', ['-list', (await convert(withImage('a.jpg', data), options)).path]);
    expect(await list({})).toMatch(/\b600\s+300\s+rgb/);
    expect(await list({ image_max_dpi: 1200 })).toMatch(/\b1200\s+600\s+rgb/);
    expect(await list({ image_max_dpi: 72 })).toMatch(/\b144\s+72\s+rgb/);
  });

  it('warn of an image that cannot be read, and leave its place empty', async () => {
    const pdf = await convert(withImage('a.png', Buffer.from('no image')));
    expect(pdf.warnings).toEqual([
      expect.objectContaining({ code: 'image_unreadable', image: 'a.png' }),
    ]);
  });

  it('make an image that is wider than the page fit', async () => {
    const data = await square('#00aa00');
    const pdf = await convert({
      ...withImage('a.png', data),
      body: `<w:p>${picture('rImg', 900, 450)}</w:p>`,
    });
    const image = await pixels(pdf.path);
    expect(image.at(80, 200)).toEqual([0, 170, 0]);
    expect(image.at(560, 200)).toEqual([255, 255, 255]);
  });
});

describe('links, notes and bookmarks', () => {
  it('keep links to addresses and to places in the document', async () => {
    const body = `<w:p><w:hyperlink r:id="rWeb">${r('web', '<w:rStyle w:val="Hyperlink"/>')}</w:hyperlink> <w:hyperlink w:anchor="place">${r('inside')}</w:hyperlink></w:p>${pageBreak}<w:p><w:bookmarkStart w:id="0" w:name="place"/>${r('target')}<w:bookmarkEnd w:id="0"/></w:p>`;
    const pdf = await convert({
      body,
      relationships: [['rWeb', 'hyperlink', 'https://example.com/a?b=c', true]],
    });
    const raw = execFileSync('qpdf', ['--qdf', '--object-streams=disable', pdf.path, '-']).toString(
      'latin1',
    );
    expect(raw).toContain('(https://example.com/a?b=c)');
    expect(raw).toMatch(/\/GoTo/);
    expect(raw).toContain('(place)');
    expect(pdf.warnings).toEqual([]);
  });

  it('keep links that are fields', async () => {
    const field = (code: string, result: string) =>
      `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>${code}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>${r(result)}<w:r><w:fldChar w:fldCharType="end"/></w:r>`;
    const pdf = await convert(
      `<w:p>${field(' HYPERLINK "https://example.org/" ', 'link text')}</w:p>`,
    );
    expect(readFileSync(pdf.path, 'latin1')).toContain('(https://example.org/)');
    expect(pdf.text().trim()).toBe('link text');
  });

  it('put footnotes at the foot of the page that refers to them', async () => {
    const note = (id: number) =>
      r('').replace('<w:t xml:space="preserve"></w:t>', `<w:footnoteReference w:id="${id}"/>`);
    const body = `<w:p>${r('First')}${note(2)}${r(' and second')}${note(3)}</w:p>${pageBreak}${p('Other page')}`;
    const footnotes = `<w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote><w:footnote w:id="2">${p('Note of the first.')}</w:footnote><w:footnote w:id="3">${p('Note of the second.')}</w:footnote>`;
    const pdf = await convert({ body, footnotes });
    const page = words(pdf.path);
    const foot = page
      .filter(({ y }) => y > 700)
      .map(({ text }) => text)
      .join(' ');
    expect(foot).toMatch(/1\s?Note of the first\. 2\s?Note of the second\./);
    expect(pdf.text({ page: 2 })).not.toContain('Note');
    expect(pdf.warnings).toEqual([]);
  });

  it('put endnotes behind the text', async () => {
    const endnotes = `<w:endnote w:id="1">${p('The end note.')}</w:endnote>`;
    const body = `<w:p>${r('Text')}<w:r><w:endnoteReference w:id="1"/></w:r></w:p>${p('Last paragraph.')}`;
    const pdf = await convert({ body, endnotes });
    expect(pdf.text()).toMatch(/Last paragraph\.[\s\S]*i\s*The end note\./);
  });

  it('make an outline from the headings, or none', async () => {
    const body = [heading(1, 'One'), heading(2, 'One point one'), p('x'), heading(1, 'Two')].join(
      '',
    );
    const titles = (path: string) =>
      [
        ...execFileSync('qpdf', ['--qdf', path, '-'])
          .toString('latin1')
          .matchAll(/\/Title \((.*?)\)/g),
      ].map(([, title]) => title);
    expect(titles((await convert(body)).path)).toEqual(
      expect.arrayContaining(['One', 'One point one', 'Two']),
    );
    expect(titles((await convert(body, { bookmarks: false })).path)).toEqual([]);
  });
});

describe('sections, headers and footers', () => {
  const band = (kind: 'hdr' | 'ftr', content: string) =>
    `<w:${kind} ${namespaces}>${content}</w:${kind}>`;
  const field = (name: string) => `<w:fldSimple w:instr=" ${name} ">${r('9')}</w:fldSimple>`;

  it('number the pages in the footer, with the total', async () => {
    const footer = `<w:p>${r('Page ')}${field('PAGE')}${r(' of ')}${field('NUMPAGES')}</w:p>`;
    const pdf = await convert({
      body: `${p('a')}${pageBreak}${p('b')}${pageBreak}${p('c')}`,
      section: a4.replace(
        '<w:sectPr>',
        '<w:sectPr><w:headerReference w:type="default" r:id="rH"/><w:footerReference w:type="default" r:id="rF"/>',
      ),
      relationships: [
        ['rH', 'header', 'header1.xml'],
        ['rF', 'footer', 'footer1.xml'],
      ],
      parts: {
        'word/header1.xml': band('hdr', p('Company')),
        'word/footer1.xml': band('ftr', footer),
      },
    });
    for (const page of [1, 2, 3]) {
      expect(pdf.text({ page })).toContain(`Page ${page} of 3`);
      expect(pdf.text({ page })).toContain('Company');
    }
  });

  it('show another header on the first page, and fields in parts', async () => {
    const complex = `<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>`;
    const pdf = await convert({
      body: `${p('a')}${pageBreak}${p('b')}`,
      section: a4
        .replace(
          '<w:sectPr>',
          '<w:sectPr><w:headerReference w:type="default" r:id="rH"/><w:headerReference w:type="first" r:id="rT"/>',
        )
        .replace('</w:sectPr>', '<w:titlePg/></w:sectPr>'),
      relationships: [
        ['rH', 'header', 'header1.xml'],
        ['rT', 'header', 'header2.xml'],
      ],
      parts: {
        'word/header1.xml': band('hdr', complex),
        'word/header2.xml': band('hdr', p('Cover')),
      },
    });
    expect(pdf.text({ page: 1 }).trim().split(/\s+/)).toEqual(['Cover', 'a']);
    expect(pdf.text({ page: 2 }).trim().split(/\s+/)).toEqual(['2', 'b']);
  });

  it('show images of headers by the relationships of the header', async () => {
    const pdf = await convert({
      body: p('a'),
      section: a4.replace(
        '<w:sectPr>',
        '<w:sectPr><w:headerReference w:type="default" r:id="rH"/>',
      ),
      relationships: [['rH', 'header', 'header1.xml']],
      parts: {
        'word/header1.xml': band('hdr', `<w:p>${picture('rLogo', 60, 20)}</w:p>`),
        'word/_rels/header1.xml.rels': relationshipsXml([['rLogo', 'image', 'media/logo.png']]),
        'word/media/logo.png': await square('#ff8800'),
      },
    });
    expect((await pixels(pdf.path)).count([255, 136, 0])).toBeGreaterThan(1100);
  });

  it('keep the paper and the margins of each section', async () => {
    const landscape =
      '<w:sectPr><w:pgSz w:w="15840" w:h="12240" w:orient="landscape"/><w:pgMar w:top="720" w:right="720" w:bottom="720" w:left="2880" w:header="0" w:footer="0"/></w:sectPr>';
    const pdf = await convert(`<w:p><w:pPr>${landscape}</w:pPr>${r('wide')}</w:p>${p('tall')}`);
    expect(pdf.pages).toBe(2);
    const sizes = tool('pdfinfo', ['-f', '1', '-l', '2', pdf.path]);
    expect(sizes).toMatch(/Page\s+1 size:\s+792 x 612/);
    expect(sizes).toMatch(/Page\s+2 size:\s+595/);
    expect(words(pdf.path)[0]?.x).toBeCloseTo(144, 0);
  });
});
