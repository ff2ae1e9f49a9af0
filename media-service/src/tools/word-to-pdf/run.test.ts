import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConverter, pixels, tool, words } from './testing/converter.ts';
import { a4, heading, namespaces, p, picture, plainStyles, r, relationshipsXml, table } from './testing/docx.ts';

const converter = createConverter();
const { convert } = converter;

beforeAll(() => converter.start());
afterAll(() => converter.stop());

const lorem = 'The quick brown fox jumps over the lazy dog while five wizards box. ';
const pageBreak = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>';

function square(color: string, format: 'png' | 'jpeg' | 'webp' | 'tiff' | 'gif' = 'png', size = 100) {
  const channels = 3 as const;
  return sharp({ create: { width: size, height: size, channels, background: color } })
    .toFormat(format)
    .toBuffer();
}

describe('plain documents', () => {
  it('keep their text, size and margins, and report nothing', async () => {
    const pdf = await convert([heading(1, 'Title'), p(lorem.repeat(3)), p('End.')].join(''));
    expect(pdf).toMatchObject({ pages: 1, warnings: [] });
    expect(pdf.width).toBeCloseTo(595.3, 0);
    expect(pdf.text().replace(/\s+/g, ' ')).toContain(`Title ${lorem.repeat(3).trim()} End.`);
    expect(words(pdf.path)[0]?.x).toBeCloseTo(72, 0);
  });

  it('set Calibri, Cambria, Arial, Times and Courier in fonts of the same widths, embedded', async () => {
    const fonts = ['Calibri', 'Cambria', 'Arial', 'Times New Roman', 'Courier New'];
    const pdf = await convert(
      fonts.map((font) => p(font, { run: `<w:rFonts w:ascii="${font}"/>` })).join(''),
    );
    const list = tool('pdffonts', [pdf.path]);
    for (const name of ['Carlito', 'Caladea', 'LiberationSans', 'LiberationSerif', 'LiberationMono'])
      expect(list).toMatch(new RegExp(`\\+${name}(-Regular)? .* yes yes yes`));
    expect(pdf.warnings).toEqual([]);
  });

  it('give the same bytes twice', async () => {
    const body = [heading(1, 'Same'), p(lorem), table([['a', 'b', 'c']])].join('');
    const [first, second] = [await convert(body), await convert(body)];
    expect(readFileSync(first.path).equals(readFileSync(second.path))).toBe(true);
    expect(tool('pdfinfo', [first.path])).toMatch(/CreationDate:\s+Sat Jan {2}1 00:00:00 2000/);
  });

  it('keep title, author and date of the properties', async () => {
    const core = `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"><dc:title>Yearly report</dc:title><dc:creator>Ada</dc:creator><dcterms:modified>2024-05-06T07:08:09Z</dcterms:modified></cp:coreProperties>`;
    const pdf = await convert({ body: p('x'), parts: { 'docProps/core.xml': core } });
    const info = tool('pdfinfo', [pdf.path]);
    expect(info).toMatch(/Title:\s+Yearly report/);
    expect(info).toMatch(/Author:\s+Ada/);
    expect(info).toMatch(/ModDate:\s+Mon May {2}6 07:08:09 2024/);
  });

  it('are valid to qpdf', async () => {
    const pdf = await convert([heading(1, 'A'), p(lorem.repeat(200))].join(''));
    expect(tool('qpdf', ['--check', pdf.path])).toContain('No syntax or stream encoding errors');
    expect(pdf.pages).toBeGreaterThan(2);
  });
});

describe('characters', () => {
  it('keep bold, italic, and size', async () => {
    const pdf = await convert(
      `<w:p>${r('bold ', '<w:b/>')}${r('italic ', '<w:i/>')}${r('both', '<w:b/><w:i/>')}</w:p>${p('large', { run: '<w:sz w:val="96"/>' })}`,
    );
    const list = tool('pdffonts', [pdf.path]);
    for (const name of ['Carlito-Bold', 'Carlito-Italic', 'Carlito-BoldItalic'])
      expect(list).toContain(name);
    const large = words(pdf.path).find(({ text }) => text === 'large');
    expect((large?.end ?? 0) - (large?.x ?? 0)).toBeGreaterThan(85);
  });

  it('keep colour, highlight and shading', async () => {
    const pdf = await convert(
      [
        p('█████', { run: '<w:color w:val="FF0000"/><w:sz w:val="60"/>' }),
        p('marked', { run: '<w:highlight w:val="yellow"/><w:sz w:val="60"/>' }),
        p('shaded', { run: '<w:shd w:val="clear" w:fill="00FF00"/><w:sz w:val="60"/>' }),
      ].join(''),
    );
    const image = await pixels(pdf.path);
    expect(image.count([255, 0, 0])).toBeGreaterThan(1000);
    expect(image.count([255, 255, 0])).toBeGreaterThan(1000);
    expect(image.count([0, 255, 0])).toBeGreaterThan(1000);
  });

  it('keep underline and strike as lines of their colour', async () => {
    const line = async (run: string) => {
      const pdf = await convert(p('\u00a0'.repeat(60), { run: `${run}<w:color w:val="0000FF"/><w:sz w:val="48"/>` }));
      return (await pixels(pdf.path)).count([0, 0, 255], 90);
    };
    expect(await line('')).toBe(0);
    expect(await line('<w:u w:val="single"/>')).toBeGreaterThan(200);
    expect(await line('<w:strike/>')).toBeGreaterThan(200);
    expect(await line('<w:u w:val="double"/>')).toBeGreaterThan(300);
  });

  it('raise superscripts and lower subscripts, set smaller', async () => {
    const pdf = await convert(
      `<w:p>${r('base ')}${r('up ', '<w:vertAlign w:val="superscript"/>')}${r('down', '<w:vertAlign w:val="subscript"/>')}</w:p>`,
    );
    const [base, up, down] = words(pdf.path);
    expect(up?.y).not.toBe(base?.y);
    expect((down?.y ?? 0) - (up?.y ?? 0)).toBeGreaterThan(3);
  });

  it('show capitals, and leave hidden text out', async () => {
    const pdf = await convert(
      `<w:p>${r('loud ', '<w:caps/>')}${r('Small ', '<w:smallCaps/>')}${r('secret', '<w:vanish/>')}${r('end')}</w:p>`,
    );
    expect(pdf.text().trim()).toBe('LOUD SMALL end');
  });

  it('take formats from styles and their bases', async () => {
    const styles = `${plainStyles}<w:style w:type="paragraph" w:styleId="A"><w:name w:val="A"/><w:basedOn w:val="Normal"/><w:rPr><w:b/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="B"><w:name w:val="B"/><w:basedOn w:val="A"/><w:pPr><w:jc w:val="right"/></w:pPr></w:style>`;
    const pdf = await convert({ body: p('derived', { properties: '<w:pStyle w:val="B"/>' }), styles });
    expect(tool('pdffonts', [pdf.path])).toContain('Carlito-Bold');
    expect(words(pdf.path)[0]?.end).toBeCloseTo(595.3 - 72, 0);
  });

  it('substitute a font that is not installed, and say so', async () => {
    const pdf = await convert(p('text', { run: '<w:rFonts w:ascii="Garamond Premier"/>' }));
    expect(pdf.warnings).toEqual([
      expect.objectContaining({ code: 'font_substituted', font: 'Garamond Premier', used: 'Liberation Serif' }),
    ]);
    expect(tool('pdffonts', [pdf.path])).toContain('LiberationSerif');
  });

  it('name the characters that no font has', async () => {
    const pdf = await convert(p('a\u{f1234}'));
    expect(pdf.warnings).toEqual([
      expect.objectContaining({ code: 'missing_glyphs', characters: ['U+F1234'], count: 1 }),
    ]);
  });
});

describe('scripts', () => {
  it('keep Chinese, Japanese, Korean, Cyrillic, Greek, Devanagari and Thai', async () => {
    const texts = ['中文文本', '日本語テキスト', '한국어', 'Русский', 'Ελληνικά', 'ไทย'];
    const pdf = await convert(texts.map((text) => p(text)).join('') + p('नमस्ते'));
    for (const text of texts) expect(pdf.text()).toContain(text);
    expect(tool('pdffonts', [pdf.path])).toContain('NotoSansDevanagari');
    expect(pdf.warnings).toEqual([]);
  });

  it('set Hebrew and Arabic from right to left', async () => {
    const pdf = await convert(
      p('שלום עולם', { properties: '<w:bidi/>' }) + p('مرحبا بالعالم', { properties: '<w:bidi/>' }),
    );
    const [first, second] = words(pdf.path).toSorted((a, b) => a.y - b.y || b.x - a.x);
    expect(first?.end).toBeCloseTo(595.3 - 72, 0);
    expect(second?.x).toBeLessThan(first?.x ?? 0);
    const text = pdf.text().normalize('NFKC').replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
    expect(text).toContain('שלום עולם');
    expect(text).toContain('مرحبا');
  });

  it('keep numbers and Latin words in right-to-left text in their own order', async () => {
    const pdf = await convert(p('מספר 12345 abc', { properties: '<w:bidi/>' }));
    const found = words(pdf.path).map(({ text }) => text);
    expect(found).toContain('12345');
    expect(found).toContain('abc');
  });

  it('break lines of East Asian text between characters, never before a full stop', async () => {
    const pdf = await convert(p('改行。'.repeat(80)));
    const lines = pdf.text().trim().split('\n').filter((line) => line.trim() !== '');
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.every((line) => !line.startsWith('。'))).toBe(true);
  });
});

describe('paragraphs', () => {
  it('keep alignment', async () => {
    const pdf = await convert(
      [
        p('left'),
        p('middle', { properties: '<w:jc w:val="center"/>' }),
        p('right', { properties: '<w:jc w:val="right"/>' }),
      ].join(''),
    );
    const [left, middle, right] = words(pdf.path);
    expect(left?.x).toBeCloseTo(72, 0);
    expect(((middle?.x ?? 0) + (middle?.end ?? 0)) / 2).toBeCloseTo(595.3 / 2, 0);
    expect(right?.end).toBeCloseTo(595.3 - 72, 0);
  });

  it('stretch justified lines to the margin, but not the last one', async () => {
    const pdf = await convert(p(lorem.repeat(4), { properties: '<w:jc w:val="both"/>' }));
    const lines = Map.groupBy(words(pdf.path), ({ y }) => Math.round(y));
    const ends = [...lines.values()].map((line) => Math.max(...line.map(({ end }) => end)));
    for (const end of ends.slice(0, -1)) expect(end).toBeCloseTo(595.3 - 72, 0);
    expect(ends.at(-1)).toBeLessThan(595.3 - 80);
  });

  it('keep indents, first lines and space', async () => {
    const pdf = await convert(
      p('one') +
        p(lorem.repeat(3), {
          properties: '<w:spacing w:before="1200" w:after="0"/><w:ind w:left="720" w:firstLine="360"/>',
        }),
    );
    const [one, first] = words(pdf.path);
    expect(first?.x).toBeCloseTo(72 + 54, 0);
    expect((first?.y ?? 0) - (one?.y ?? 0)).toBeGreaterThan(70);
    expect(Math.min(...words(pdf.path).slice(1).map(({ x }) => x))).toBeCloseTo(72 + 36, 0);
  });

  it('keep tab stops with leaders', async () => {
    const tabs = '<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="8000"/></w:tabs>';
    const pdf = await convert(
      `<w:p><w:pPr>${tabs}</w:pPr>${r('Chapter')}<w:r><w:tab/></w:r>${r('17')}</w:p>`,
    );
    expect(words(pdf.path).find(({ text }) => text.endsWith('17'))?.end).toBeCloseTo(72 + 400, 0);
    expect(pdf.text()).toMatch(/Chapter\s*\.{20,}/);
  });

  it('keep borders and shading', async () => {
    const properties =
      '<w:pBdr><w:top w:val="single" w:sz="24" w:color="FF0000"/></w:pBdr><w:shd w:val="clear" w:fill="CCE5FF"/>';
    const image = await pixels((await convert(p(lorem, { properties }))).path);
    expect(image.count([255, 0, 0])).toBeGreaterThan(800);
    expect(image.count([204, 229, 255])).toBeGreaterThan(3000);
  });

  it('break pages where the document says so', async () => {
    const pdf = await convert(
      `${p('first')}${pageBreak}${p('second')}${p('third', { properties: '<w:pageBreakBefore/>' })}`,
    );
    expect(pdf.pages).toBe(3);
    expect([1, 2, 3].map((page) => pdf.text({ page }).trim())).toEqual(['first', 'second', 'third']);
  });

  it('never leave a heading alone at the foot of a page', async () => {
    for (const count of [28, 29, 30, 31]) {
      const body = `${p('x').repeat(count)}${heading(1, 'Heading')}${p(lorem.repeat(6))}`;
      const pdf = await convert(body);
      const page = [1, 2].find((each) => pdf.text({ page: each }).includes('Heading')) ?? 0;
      expect(pdf.text({ page })).toContain('quick');
    }
  });
});

const numbering = `<w:abstractNum w:abstractNumId="0">${[
  ['decimal', '%1.'],
  ['lowerLetter', '%2)'],
  ['lowerRoman', '%1.%2.%3'],
]
  .map(
    ([format, text], level) =>
      `<w:lvl w:ilvl="${level}"><w:start w:val="1"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/><w:pPr><w:ind w:left="${720 * (level + 1)}" w:hanging="360"/></w:pPr></w:lvl>`,
  )
  .join('')}</w:abstractNum><w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="\uf0b7"/><w:pPr><w:ind w:left="720" w:hanging="360"/></w:pPr><w:rPr><w:rFonts w:ascii="Symbol"/></w:rPr></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num><w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num>`;

function item(text: string, level = 0, list = 1): string {
  return p(text, {
    properties: `<w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="${list}"/></w:numPr>`,
  });
}

describe('lists', () => {
  it('number nested levels in their formats, and begin again', async () => {
    const body = [item('one'), item('a', 1), item('b', 1), item('deep', 2), item('two'), item('again', 1)];
    const pdf = await convert({ body: body.join(''), numbering });
    expect(pdf.text({ layout: true }).replace(/[ ]+/g, ' ').trim().split(/\s*\n\s*/)).toEqual([
      '1. one',
      'a) a',
      'b) b',
      '1.b.i deep',
      '2. two',
      'a) again',
    ]);
  });

  it('start where a list says, and hang out the mark', async () => {
    const pdf = await convert({ body: item(lorem.repeat(3), 0, 3), numbering });
    const found = words(pdf.path);
    expect(found[0]).toMatchObject({ text: '7.' });
    expect(found[0]?.x).toBeCloseTo(72 + 18, 0);
    expect(Math.min(...found.slice(1).map(({ x }) => x))).toBeCloseTo(72 + 36, 0);
  });

  it('show the bullets of Symbol as characters', async () => {
    const pdf = await convert({ body: item('point', 0, 2), numbering });
    expect(pdf.text()).toMatch(/•\s+point/);
    expect(pdf.warnings).toEqual([]);
  });
});

describe('tables', () => {
  it('keep widths and borders', async () => {
    const pdf = await convert(table([['a', 'b', 'c']], { columns: [1000, 4000, 2000] }));
    const [a, b, c] = words(pdf.path);
    expect((b?.x ?? 0) - (a?.x ?? 0)).toBeCloseTo(50, 0);
    expect((c?.x ?? 0) - (b?.x ?? 0)).toBeCloseTo(200, 0);
    const image = await pixels(pdf.path);
    expect(image.count([0, 0, 0], 160)).toBeGreaterThan(600);
  });

  it('keep cells that span columns and rows', async () => {
    const cell = (text: string, properties = '') =>
      `<w:tc><w:tcPr>${properties}</w:tcPr>${p(text)}</w:tc>`;
    const rows = [
      `<w:tr>${cell('wide', '<w:gridSpan w:val="2"/>')}${cell('tall', '<w:vMerge w:val="restart"/>')}</w:tr>`,
      `<w:tr>${cell('one')}${cell('two')}${cell('', '<w:vMerge/>')}</w:tr>`,
    ];
    const grid = '<w:gridCol w:w="2000"/>'.repeat(3);
    const pdf = await convert(
      `<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/></w:tblPr><w:tblGrid>${grid}</w:tblGrid>${rows.join('')}</w:tbl>`,
    );
    const at = (text: string) => words(pdf.path).find((word) => word.text === text);
    expect((at('tall')?.x ?? 0) - (at('wide')?.x ?? 0)).toBeCloseTo(200, 0);
    expect((at('two')?.x ?? 0) - (at('one')?.x ?? 0)).toBeCloseTo(100, 0);
    const image = await pixels(pdf.path);
    const between = ((at('one')?.y ?? 0) + (at('wide')?.y ?? 0)) / 2;
    const isDark = (x: number) =>
      [-8, -6, -4, -2, 0, 2, 4, 6, 8].some((shift) => (image.at(x, between + shift)[0] ?? 255) < 200);
    expect(isDark(72 + 40)).toBe(true);
    expect(isDark(72 + 260)).toBe(false);
  });

  it('keep the shading of cells', async () => {
    const cell = `<w:tc><w:tcPr><w:shd w:val="clear" w:fill="FFD966"/></w:tcPr>${p('shaded')}</w:tc>`;
    const pdf = await convert(
      `<w:tbl><w:tblGrid><w:gridCol w:w="4000"/></w:tblGrid><w:tr>${cell}</w:tr></w:tbl>`,
    );
    expect((await pixels(pdf.path)).count([255, 217, 102])).toBeGreaterThan(3000);
  });

  it('repeat header rows on every page and lose no row', async () => {
    const rows = Array.from({ length: 120 }, (_, index) => [`row${index}`, 'x', 'y']);
    const pdf = await convert(table([['Name', 'B', 'C'], ...rows], { headerRows: 1 }));
    expect(pdf.pages).toBeGreaterThan(2);
    for (let page = 1; page <= pdf.pages; page++) expect(pdf.text({ page })).toContain('Name');
    const found = pdf.text().match(/row\d+/g);
    expect(found).toEqual(rows.map(([name]) => name));
  });

  it('cut a row that is higher than a page', async () => {
    const long = Array.from({ length: 90 }, (_, index) => p(`line${index}`)).join('');
    const pdf = await convert(table([['left', long, 'right']]));
    expect(pdf.pages).toBeGreaterThan(1);
    expect(pdf.text().match(/line\d+/g)).toHaveLength(90);
  });

  it('keep tables inside of tables', async () => {
    const inner = `${table([['in1', 'in2']], { columns: [800, 800] })}<w:p/>`;
    const pdf = await convert(table([[inner, 'out']], { columns: [4000, 2000] }));
    expect(pdf.text()).toMatch(/in1[\s\S]*in2/);
    expect(pdf.text()).toContain('out');
  });
});

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

  it.each(['png', 'gif', 'webp', 'tiff'] as const)('show %s in its place and size', async (format) => {
    const pdf = await convert(withImage(`a.${format}`, await square('#cc3366', format)));
    const image = await pixels(pdf.path);
    expect(image.count([204, 51, 102])).toBeGreaterThan(144 * 72 * 0.95);
    expect(image.count([204, 51, 102])).toBeLessThan(144 * 72 * 1.05);
    expect(pdf.warnings).toEqual([]);
  });

  it('keep transparency', async () => {
    const half = { r: 255, g: 0, b: 0, alpha: 0.5 };
    const data = await sharp({ create: { width: 50, height: 50, channels: 4, background: half } })
      .png()
      .toBuffer();
    const image = await pixels((await convert(withImage('a.png', data))).path);
    expect(image.count([255, 127, 127])).toBeGreaterThan(9000);
  });

  it('scale down what is finer than image_max_dpi', async () => {
    const data = await sharp({
      create: { width: 1200, height: 600, channels: 3, noise: { type: 'gaussian', mean: 128, sigma: 40 }, background: '#000' },
    }).jpeg().toBuffer();
    const list = async (options: Record<string, unknown>) =>
      tool('pdfimages', ['-list', (await convert(withImage('a.jpg', data), options)).path]);
    expect(await list({})).toMatch(/\b600\s+300\s+rgb/);
    expect(await list({ image_max_dpi: 1200 })).toMatch(/\b1200\s+600\s+rgb/);
    expect(await list({ image_max_dpi: 72 })).toMatch(/\b144\s+72\s+rgb/);
  });

  it('warn of an image that cannot be read, and leave its place empty', async () => {
    const pdf = await convert(withImage('a.png', Buffer.from('no image')));
    expect(pdf.warnings).toEqual([expect.objectContaining({ code: 'image_unreadable', image: 'a.png' })]);
  });

  it('make an image that is wider than the page fit', async () => {
    const data = await square('#00aa00');
    const pdf = await convert({ ...withImage('a.png', data), body: `<w:p>${picture('rImg', 900, 450)}</w:p>` });
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
    const raw = execFileSync('qpdf', ['--qdf', '--object-streams=disable', pdf.path, '-']).toString('latin1');
    expect(raw).toContain('(https://example.com/a?b=c)');
    expect(raw).toMatch(/\/GoTo/);
    expect(raw).toContain('(place)');
    expect(pdf.warnings).toEqual([]);
  });

  it('keep links that are fields', async () => {
    const field = (code: string, result: string) =>
      `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>${code}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>${r(result)}<w:r><w:fldChar w:fldCharType="end"/></w:r>`;
    const pdf = await convert(`<w:p>${field(' HYPERLINK "https://example.org/" ', 'link text')}</w:p>`);
    expect(readFileSync(pdf.path, 'latin1')).toContain('(https://example.org/)');
    expect(pdf.text().trim()).toBe('link text');
  });

  it('put footnotes at the foot of the page that refers to them', async () => {
    const note = (id: number) => r('').replace('<w:t xml:space="preserve"></w:t>', `<w:footnoteReference w:id="${id}"/>`);
    const body = `<w:p>${r('First')}${note(2)}${r(' and second')}${note(3)}</w:p>${pageBreak}${p('Other page')}`;
    const footnotes = `<w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote><w:footnote w:id="2">${p('Note of the first.')}</w:footnote><w:footnote w:id="3">${p('Note of the second.')}</w:footnote>`;
    const pdf = await convert({ body, footnotes });
    const page = words(pdf.path);
    const foot = page.filter(({ y }) => y > 700).map(({ text }) => text).join(' ');
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
    const body = [heading(1, 'One'), heading(2, 'One point one'), p('x'), heading(1, 'Two')].join('');
    const titles = (path: string) =>
      [...execFileSync('qpdf', ['--qdf', path, '-']).toString('latin1').matchAll(/\/Title \((.*?)\)/g)].map(([, title]) => title);
    expect(titles((await convert(body)).path)).toEqual(expect.arrayContaining(['One', 'One point one', 'Two']));
    expect(titles((await convert(body, { bookmarks: false })).path)).toEqual([]);
  });
});

describe('sections, headers and footers', () => {
  const band = (kind: 'hdr' | 'ftr', content: string) => `<w:${kind} ${namespaces}>${content}</w:${kind}>`;
  const field = (name: string) => `<w:fldSimple w:instr=" ${name} ">${r('9')}</w:fldSimple>`;

  it('number the pages in the footer, with the total', async () => {
    const footer = `<w:p>${r('Page ')}${field('PAGE')}${r(' of ')}${field('NUMPAGES')}</w:p>`;
    const pdf = await convert({
      body: `${p('a')}${pageBreak}${p('b')}${pageBreak}${p('c')}`,
      section: a4.replace('<w:sectPr>', '<w:sectPr><w:headerReference w:type="default" r:id="rH"/><w:footerReference w:type="default" r:id="rF"/>'),
      relationships: [['rH', 'header', 'header1.xml'], ['rF', 'footer', 'footer1.xml']],
      parts: { 'word/header1.xml': band('hdr', p('Company')), 'word/footer1.xml': band('ftr', footer) },
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
      section: a4.replace('<w:sectPr>', '<w:sectPr><w:headerReference w:type="default" r:id="rH"/><w:headerReference w:type="first" r:id="rT"/>').replace('</w:sectPr>', '<w:titlePg/></w:sectPr>'),
      relationships: [['rH', 'header', 'header1.xml'], ['rT', 'header', 'header2.xml']],
      parts: { 'word/header1.xml': band('hdr', complex), 'word/header2.xml': band('hdr', p('Cover')) },
    });
    expect(pdf.text({ page: 1 }).trim().split(/\s+/)).toEqual(['Cover', 'a']);
    expect(pdf.text({ page: 2 }).trim().split(/\s+/)).toEqual(['2', 'b']);
  });

  it('show images of headers by the relationships of the header', async () => {
    const pdf = await convert({
      body: p('a'),
      section: a4.replace('<w:sectPr>', '<w:sectPr><w:headerReference w:type="default" r:id="rH"/>'),
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
    const landscape = '<w:sectPr><w:pgSz w:w="15840" w:h="12240" w:orient="landscape"/><w:pgMar w:top="720" w:right="720" w:bottom="720" w:left="2880" w:header="0" w:footer="0"/></w:sectPr>';
    const pdf = await convert(`<w:p><w:pPr>${landscape}</w:pPr>${r('wide')}</w:p>${p('tall')}`);
    expect(pdf.pages).toBe(2);
    const sizes = tool('pdfinfo', ['-f', '1', '-l', '2', pdf.path]);
    expect(sizes).toMatch(/Page\s+1 size:\s+792 x 612/);
    expect(sizes).toMatch(/Page\s+2 size:\s+595/);
    expect(words(pdf.path)[0]?.x).toBeCloseTo(144, 0);
  });
});
