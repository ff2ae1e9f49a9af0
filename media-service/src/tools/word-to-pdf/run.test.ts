import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConverter, pixels, tool, words } from './testing/converter.ts';
import { heading, p, plainStyles, r, table } from './testing/docx.ts';

const converter = createConverter();
const { convert } = converter;

beforeAll(() => converter.start());
afterAll(() => converter.stop());

const lorem = 'The quick brown fox jumps over the lazy dog while five wizards box. ';

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
    for (const name of [
      'Carlito',
      'Caladea',
      'LiberationSans',
      'LiberationSerif',
      'LiberationMono',
    ])
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
      const pdf = await convert(
        p('\u00a0'.repeat(60), { run: `${run}<w:color w:val="0000FF"/><w:sz w:val="48"/>` }),
      );
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
    const pdf = await convert({
      body: p('derived', { properties: '<w:pStyle w:val="B"/>' }),
      styles,
    });
    expect(tool('pdffonts', [pdf.path])).toContain('Carlito-Bold');
    expect(words(pdf.path)[0]?.end).toBeCloseTo(595.3 - 72, 0);
  });

  it('substitute a font that is not installed, and say so', async () => {
    const pdf = await convert(p('text', { run: '<w:rFonts w:ascii="Garamond Premier"/>' }));
    expect(pdf.warnings).toEqual([
      expect.objectContaining({
        code: 'font_substituted',
        font: 'Garamond Premier',
        used: 'Liberation Serif',
      }),
    ]);
    expect(tool('pdffonts', [pdf.path])).toContain('LiberationSerif');
  });

  it('that are emoji are pictures of one glyph each, and text to whoever searches', async () => {
    const all = '😀 👩‍👩‍👧 🇩🇪 👍🏽 ❤️‍🔥 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ⭐';
    const pdf = await convert(
      [p(`before ${all} after`), p('שלום 😀 עולם'), p('🟥🟥', { run: '<w:sz w:val="96"/>' })].join(
        '',
      ),
    );
    expect(pdf.warnings).toEqual([]);
    expect(pdf.text()).toContain(`before ${all} after`);
    expect(pdf.text()).toMatch(/😀 .?שלום/);
    expect((await pixels(pdf.path)).count([244, 67, 54], 40)).toBeGreaterThan(2_000);
    expect(tool('pdffonts', [pdf.path]).match(/Type 3 .* yes no {2}yes/g)).toHaveLength(1);
    expect(tool('qpdf', ['--check', pdf.path])).toContain('No syntax or stream encoding errors');
  });

  it('that are emoji may be asked to look like letters, and need not exist', async () => {
    const pdf = await convert(p('❤ ☎\ufe0e 🇿🇿 👩\u200d😀'));
    expect(pdf.text().trim()).toMatch(/^❤ ☎\ufe0e? 🇿🇿 👩😀$/u);
    expect(pdf.warnings).toEqual([]);
  });

  it('name the characters that no font has', async () => {
    const pdf = await convert(p('a\u{f1234}'));
    expect(pdf.warnings).toEqual([
      expect.objectContaining({ code: 'missing_glyphs', characters: ['U+F1234'], count: 1 }),
    ]);
  });
});
