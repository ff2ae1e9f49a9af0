import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConverter, pixels, words } from './testing/converter.ts';
import { p, table } from './testing/docx.ts';

const converter = createConverter();
const { convert } = converter;

beforeAll(() => converter.start());
afterAll(() => converter.stop());

const lorem = 'The quick brown fox jumps over the lazy dog while five wizards box. ';

const numbering = `<w:abstractNum w:abstractNumId="0">${[
  ['decimal', '%1.'],
  ['lowerLetter', '%2)'],
  ['lowerRoman', '%1.%2.%3'],
]
  .map(
    ([format, text], level) =>
      `<w:lvl w:ilvl="${level}"><w:start w:val="1"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/><w:pPr><w:ind w:left="${720 * (level + 1)}" w:hanging="360"/></w:pPr></w:lvl>`,
  )
  .join(
    '',
  )}</w:abstractNum><w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="\uf0b7"/><w:pPr><w:ind w:left="720" w:hanging="360"/></w:pPr><w:rPr><w:rFonts w:ascii="Symbol"/></w:rPr></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num><w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num>`;

function item(text: string, level = 0, list = 1): string {
  return p(text, {
    properties: `<w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="${list}"/></w:numPr>`,
  });
}

describe('lists', () => {
  it('number nested levels in their formats, and begin again', async () => {
    const body = [
      item('one'),
      item('a', 1),
      item('b', 1),
      item('deep', 2),
      item('two'),
      item('again', 1),
    ];
    const pdf = await convert({ body: body.join(''), numbering });
    expect(
      pdf
        .text({ layout: true })
        .replace(/[ ]+/g, ' ')
        .trim()
        .split(/\s*\n\s*/),
    ).toEqual(['1. one', 'a) a', 'b) b', '1.b.i deep', '2. two', 'a) again']);
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
      [-8, -6, -4, -2, 0, 2, 4, 6, 8].some(
        (shift) => (image.at(x, between + shift)[0] ?? 255) < 200,
      );
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
