import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConverter, pixels } from './testing/converter.ts';
import { a4, type DocxParts, graphic, p, picture, r, table } from './testing/docx.ts';

const converter = createConverter();
const { convert } = converter;

let image: Buffer;
beforeAll(async () => {
  image = await sharp({ create: { width: 20, height: 20, channels: 3, background: '#cc3366' } })
    .png()
    .toBuffer();
  await converter.start();
});
afterAll(() => converter.stop());

const withImage = (body: string): DocxParts => ({
  body,
  relationships: [['rImg', 'image', 'media/a.png']],
  parts: { 'word/media/a.png': image },
});

async function lostOf(parts: DocxParts | string) {
  const pdf = await convert(parts);
  const lost = pdf.warnings.map(({ code, count, feature }) => [code, feature, count]);
  return { ...pdf, lost };
}

const size = '<wp:extent cx="1270000" cy="1270000"/><wp:docPr id="1" name="x"/>';
const drawn = (content: string) =>
  `<w:r><w:drawing><wp:inline>${size}<a:graphic><a:graphicData uri="x">${content}</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>`;
const around = (content: string) => `<w:p>${r('before ')}${content}${r(' after')}</w:p>`;
const anchored = (wrap: string) =>
  `<w:r><w:drawing><wp:anchor>${size}${wrap}${graphic('rImg')}</wp:anchor></w:drawing></w:r>`;
const cell = (properties: string) =>
  `<w:tbl><w:tblGrid><w:gridCol w:w="3000"/></w:tblGrid><w:tr><w:tc><w:tcPr>${properties}</w:tcPr>${p('in the cell')}</w:tc></w:tr></w:tbl>`;
const upwards = '<w:textDirection w:val="btLr"/>';

describe('what is lost is counted once for each, and the text around it stays', () => {
  it.each<[feature: string, count: number, body: string]>([
    ['group', 1, around(drawn('<wpg:wgp/>'))],
    ['group', 2, around('<w:r><w:pict><v:group/></w:pict></w:r>'.repeat(2))],
    ['control', 1, around('<w:r><w:pict><w:control r:id="rControl"/></w:pict></w:r>')],
    [
      'control',
      1,
      around('<w:r><w:object><v:shape/><w:control r:id="rControl"/></w:object></w:r>'),
    ],
    ['ink', 1, around(drawn('<wpi:ink/>'))],
    ['video', 1, around(drawn('<a:videoFile r:link="rVideo"/>'))],
    ['vertical_text', 1, `${around('')}${cell(upwards)}`],
    [
      'diagonal_border',
      2,
      `${around('')}${cell(
        '<w:tcBorders><w:tl2br w:val="single" w:sz="4"/><w:tr2bl w:val="single" w:sz="4"/></w:tcBorders>',
      )}`,
    ],
  ])('%s, %i', async (feature, count, body) => {
    const { lost, text } = await lostOf(body);
    expect(lost).toEqual([['not_converted', feature, count]]);
    expect(text()).toMatch(/before\s+after/);
    if (body.includes('in the cell')) expect(text()).toContain('in the cell');
  });

  it('a section whose text runs down', async () => {
    const section = a4.replace('</w:sectPr>', '<w:textDirection w:val="tbRl"/></w:sectPr>');
    const { lost, text } = await lostOf({ body: p('kept'), section });
    expect(lost).toEqual([['not_converted', 'vertical_text', 1]]);
    expect(text()).toContain('kept');
  });

  it('an image that text flows around, which is shown in the text', async () => {
    const { lost, path, text } = await lostOf(withImage(around(anchored('<wp:wrapSquare/>'))));
    expect(lost).toEqual([['not_converted', 'floating_image', 1]]);
    expect(text()).toMatch(/before\s+after/);
    expect((await pixels(path)).count([204, 51, 102])).toBeGreaterThan(9_000);
  });
});

describe('what is kept is no loss', () => {
  it.each<[what: string, parts: () => DocxParts | string]>([
    ['an image in the line', () => withImage(around(picture('rImg', 50, 50)))],
    [
      'an anchored image with text above and below',
      () => withImage(around(anchored('<wp:wrapTopAndBottom/>'))),
    ],
    [
      'the content of a content control, around text and around paragraphs',
      () =>
        `${around(`<w:sdt><w:sdtPr><w:tag w:val="name"/></w:sdtPr><w:sdtContent>${r('chosen')}</w:sdtContent></w:sdt>`)}<w:sdt><w:sdtPr><w:docPartObj/></w:sdtPr><w:sdtContent>${p('chosen too')}</w:sdtContent></w:sdt>`,
    ],
    ['text that runs as usual', () => `${around('')}${cell('<w:textDirection w:val="lrTb"/>')}`],
    [
      'a cell without diagonals',
      () =>
        `${around('')}${cell('<w:tcBorders><w:top w:val="single" w:sz="4"/><w:tl2br w:val="nil"/><w:tr2bl w:val="none"/></w:tcBorders>')}`,
    ],
    ['a plain table', () => `${around('')}${table([['a', 'b', 'c']])}`],
  ])('%s', async (_what, parts) => {
    const { lost, text } = await lostOf(parts());
    expect(lost).toEqual([]);
    expect(text()).toMatch(/before\s+(chosen\s+)?after/);
  });
});
