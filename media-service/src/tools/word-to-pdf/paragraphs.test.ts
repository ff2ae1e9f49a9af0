import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConverter, pixels, tool, words } from './testing/converter.ts';
import { heading, p, r } from './testing/docx.ts';

const converter = createConverter();
const { convert } = converter;

beforeAll(() => converter.start());
afterAll(() => converter.stop());

const lorem = 'The quick brown fox jumps over the lazy dog while five wizards box. ';
const pageBreak = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>';

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
    const text = pdf
      .text()
      .normalize('NFKC')
      .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
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
    const lines = pdf
      .text()
      .trim()
      .split('\n')
      .filter((line) => line.trim() !== '');
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
          properties:
            '<w:spacing w:before="1200" w:after="0"/><w:ind w:left="720" w:firstLine="360"/>',
        }),
    );
    const [one, first] = words(pdf.path);
    expect(first?.x).toBeCloseTo(72 + 54, 0);
    expect((first?.y ?? 0) - (one?.y ?? 0)).toBeGreaterThan(70);
    expect(
      Math.min(
        ...words(pdf.path)
          .slice(1)
          .map(({ x }) => x),
      ),
    ).toBeCloseTo(72 + 36, 0);
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
    expect([1, 2, 3].map((page) => pdf.text({ page }).trim())).toEqual([
      'first',
      'second',
      'third',
    ]);
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
