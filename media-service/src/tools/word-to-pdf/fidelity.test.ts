import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConverter, words } from './testing/converter.ts';
import { a4, type DocxParts, graphic, p, r, table } from './testing/docx.ts';

const converter = createConverter();
const { convert } = converter;

beforeAll(() => converter.start());
afterAll(() => converter.stop());

/** What the report says, as pairs of feature and count. */
async function report(parts: DocxParts | string) {
  const pdf = await convert(parts);
  const lost = pdf.warnings
    .filter(({ code }) => code === 'not_converted')
    .map(({ count, feature }) => [feature, count]);
  return { ...pdf, lost: Object.fromEntries(lost) as Record<string, number> };
}

const drawing = (content: string) => `<w:r><w:drawing>${content}</w:drawing></w:r>`;
const inline = (content: string) =>
  `<wp:inline><wp:extent cx="1270000" cy="1270000"/><wp:docPr id="1" name="x"/><a:graphic><a:graphicData uri="x">${content}</a:graphicData></a:graphic></wp:inline>`;
const paragraph = (content: string) => `<w:p>${r('before ')}${content}${r(' after')}</w:p>`;
const textBox = (text: string) =>
  `<wps:wsp><wps:spPr/><wps:txbx><w:txbxContent>${p(text)}</w:txbxContent></wps:txbx></wps:wsp>`;

describe('what cannot be kept is counted', () => {
  it.each<[feature: string, count: number, parts: string | DocxParts]>([
    ['chart', 1, paragraph(drawing(inline('<c:chart r:id="rChart"/>')))],
    ['smart_art', 1, paragraph(drawing(inline('<dgm:relIds/>')))],
    ['shape', 2, paragraph(drawing(inline('<wps:wsp><wps:spPr/></wps:wsp>')).repeat(2))],
    [
      'columns',
      1,
      { body: p('x'), section: a4.replace('</w:sectPr>', '<w:cols w:num="2"/></w:sectPr>') },
    ],
    [
      'page_border',
      1,
      {
        body: p('x'),
        section: a4.replace(
          '</w:sectPr>',
          '<w:pgBorders><w:top w:val="single"/></w:pgBorders></w:sectPr>',
        ),
      },
    ],
    [
      'line_numbers',
      1,
      {
        body: p('x'),
        section: a4.replace('</w:sectPr>', '<w:lnNumType w:countBy="1"/></w:sectPr>'),
      },
    ],
    ['comment', 2, paragraph('<w:r><w:commentReference w:id="1"/></w:r>'.repeat(2))],
    ['embedded_object', 1, paragraph('<w:r><w:object><o:OLEObject/></w:object></w:r>')],
    ['embedded_document', 1, '<w:altChunk r:id="rChunk"/>'],
    ['macro', 1, { body: p('x'), parts: { 'word/vbaProject.bin': 'macro' } }],
    ['digital_signature', 1, { body: p('x'), parts: { '_xmlsignatures/sig1.xml': '<x/>' } }],
    [
      'word_art',
      1,
      paragraph('<w:r><w:pict><v:shape><v:textpath string="DRAFT"/></v:shape></w:pict></w:r>'),
    ],
    ['text_effect', 1, paragraph(r('glow', '<w:shadow/>'))],
    ['emphasis_mark', 1, paragraph(r('dots', '<w:em w:val="dot"/>'))],
    ['text_border', 1, paragraph(r('box', '<w:bdr w:val="single"/>'))],
    ['character_scale', 1, paragraph(r('wide', '<w:w w:val="200"/>'))],
    ['drop_cap', 1, p('D', { properties: '<w:framePr w:dropCap="drop"/>' })],
    ['frame', 1, p('F', { properties: '<w:framePr w:w="2000"/>' })],
    ['floating_table', 1, table([['a', 'b', 'c']], { properties: '<w:tblpPr w:tblpX="10"/>' })],
    ['page_background', 1, { body: p('x'), section: `${a4}<w:background w:color="FF0000"/>` }],
    [
      'field',
      1,
      paragraph(
        '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>EQ \\f(1,2)</w:instrText><w:fldChar w:fldCharType="end"/></w:r>',
      ),
    ],
    ['external_image', 1, paragraph(drawing(inline(graphic('x').replace('r:embed', 'r:link'))))],
    [
      'metafile',
      1,
      {
        body: paragraph(
          drawing(
            inline(
              graphic('rE').replace(
                /^<a:graphic><a:graphicData[^>]*>|<\/a:graphicData><\/a:graphic>$/g,
                '',
              ),
            ),
          ),
        ),
        relationships: [['rE', 'image', 'media/a.emf']],
        parts: { 'word/media/a.emf': 'x' },
      },
    ],
    ['symbol', 1, paragraph('<w:r><w:sym w:font="Unknown" w:char="F0AA"/></w:r>')],
  ])('%s', async (feature, count, parts) => {
    const { lost } = await report(parts);
    expect(lost).toEqual({ [feature]: count });
  });

  it('text boxes, whose text is kept, once for a box and its fallback', async () => {
    const box = `<mc:AlternateContent><mc:Choice Requires="wps">${`<w:drawing>${inline(textBox('Inside the box'))}</w:drawing>`}</mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent>${p('Inside the box')}</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent>`;
    const { lost, text } = await report(paragraph(`<w:r>${box}</w:r>`));
    expect(lost).toEqual({ text_box: 1 });
    expect(text().match(/Inside the box/g)).toHaveLength(1);
    expect(text()).toMatch(/before\s+after/);
  });

  it('text boxes of old documents', async () => {
    const box = `<w:r><w:pict><v:shape><v:textbox><w:txbxContent>${p('Old box')}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>`;
    const { lost, text } = await report(paragraph(box));
    expect(lost).toEqual({ text_box: 1 });
    expect(text()).toContain('Old box');
  });

  it('equations, whose characters are kept', async () => {
    const math = '<m:oMath><m:r><m:t>E=mc²</m:t></m:r></m:oMath>';
    const { lost, text } = await report(paragraph(math));
    expect(lost).toEqual({ equation: 1 });
    expect(text()).toContain('E=mc²');
  });

  it('tracked changes: insertions stay, deletions go', async () => {
    const { lost, text } = await report(
      paragraph(
        `<w:ins>${r('inserted')}</w:ins><w:del><w:r><w:delText>deleted</w:delText></w:r></w:del>`,
      ),
    );
    expect(lost).toEqual({ tracked_change: 2 });
    expect(text()).toContain('inserted');
    expect(text()).not.toContain('deleted');
  });

  it('a deleted end of a paragraph joins two', async () => {
    const { text } = await report(
      `<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>${r('one ')}</w:p>${p('two')}`,
    );
    expect(text().trim()).toBe('one two');
  });

  it('phonetic guides, whose base is kept', async () => {
    const ruby = `<w:r><w:ruby><w:rt>${r('かんじ')}</w:rt><w:rubyBase>${r('漢字')}</w:rubyBase></w:ruby></w:r>`;
    const { lost, text } = await report(`<w:p>${ruby}</w:p>`);
    expect(lost).toEqual({ ruby: 1 });
    expect(text()).not.toContain('かんじ');
  });
});

describe('links that could do harm', () => {
  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    '\\\\host\\share',
    'vbscript:x',
  ])('%s loses its address and keeps its text', async (target) => {
    const pdf = await convert({
      body: `<w:p><w:hyperlink r:id="rBad">${r('the text')}</w:hyperlink></w:p>`,
      relationships: [['rBad', 'hyperlink', target, true]],
    });
    expect(pdf.text().trim()).toBe('the text');
    expect(pdf.warnings).toEqual([expect.objectContaining({ code: 'link_removed' })]);
    expect(readFileSync(pdf.path, 'latin1')).not.toContain('/URI');
  });
});

describe('what the caller wants', () => {
  const long = 'Words that fill some lines of a page so that there is something to measure. ';

  it('paper, turn and margins', async () => {
    const pdf = await convert(p('x'), {
      page_size: 'A5',
      orientation: 'landscape',
      margin: { left: '20mm', top: '1in' },
    });
    expect([pdf.width, pdf.height]).toEqual([595, 420]);
    const [word] = words(pdf.path);
    expect(word?.x).toBeCloseTo((20 * 72) / 25.4, 0);
    expect(pdf.effective).toMatchObject({ page_size: 'A5', orientation: 'landscape' });
    expect(pdf.effective).toMatchObject({ margin: { top: '72pt', right: '72pt' } });
  });

  it('font, size and distance of lines', async () => {
    const plain = await convert(p(long.repeat(40)));
    const other = await convert(p(long.repeat(40)), {
      font_family: 'Courier New',
      font_size: 16,
      line_height: 2,
    });
    expect(other.pages).toBeGreaterThan(plain.pages * 2);
    const lines = [...new Set(words(other.path).map(({ y }) => Math.round(y * 10) / 10))];
    expect((lines[1] ?? 0) - (lines[0] ?? 0)).toBeGreaterThan(30);
  });

  it('page numbers in each corner', async () => {
    for (const [place, isLow] of [
      ['top-left', false],
      ['bottom-right', true],
    ] as const) {
      const pdf = await convert(`${p('a')}${p('b', { properties: '<w:pageBreakBefore/>' })}`, {
        page_numbers: place,
      });
      const number = words(pdf.path, 2).find(({ text }) => text === '2');
      expect((number?.y ?? 0) > 400).toBe(isLow);
      expect((number?.x ?? 0) > 300).toBe(isLow);
    }
  });

  it('a choice of pages, and an error for one that is not there', async () => {
    const body = Array.from({ length: 5 }, (_, index) =>
      p(`page${index + 1}`, { properties: index > 0 ? '<w:pageBreakBefore/>' : '' }),
    ).join('');
    const pdf = await convert(body, { pages: '2,4-' });
    expect(pdf.text().match(/page\d/g)).toEqual(['page2', 'page4', 'page5']);
    await expect(convert(body, { pages: '2,9' })).rejects.toMatchObject({
      code: 'page_out_of_range',
      details: { param: 'pages', extra: { page_count: 5 } },
    });
  });

  it('styles as headings, as other text, or not at all', async () => {
    const styles = ['Fancy', 'Aside', 'Code'].map(
      (name) =>
        `<w:style w:type="paragraph" w:styleId="${name}"><w:name w:val="${name} Style"/></w:style>`,
    );
    const body = ['Fancy', 'Aside', 'Code'].map((name) =>
      p(`${name} text`, { properties: `<w:pStyle w:val="${name}"/>` }),
    );
    const pdf = await convert(
      { body: body.join(''), styles: styles.join('') },
      { style_map: ["p[style-name='Fancy Style'] => h1", 'p.Aside => !', 'p.Code => pre'] },
    );
    expect(pdf.text()).toMatch(/Fancy text\s+Code text/);
    const [fancy] = words(pdf.path);
    expect((fancy?.end ?? 0) - (fancy?.x ?? 0)).toBeGreaterThan(40);
    expect(readFileSync(pdf.path, 'latin1')).toContain('/Outlines');
  });

  it('names the rule of style_map that cannot be read', async () => {
    await expect(convert(p('x'), { style_map: ['p.A => h1', 'nonsense['] })).rejects.toMatchObject({
      code: 'invalid_input',
      details: { param: 'style_map.1' },
    });
    await expect(convert(p('x'), { style_map: ['p => marquee'] })).rejects.toMatchObject({
      code: 'invalid_input',
      details: { param: 'style_map.0' },
    });
  });

  it('refuses margins that leave no room', async () => {
    await expect(
      convert(p('x'), { margin: { left: '150mm', right: '100mm' } }),
    ).rejects.toMatchObject({
      code: 'invalid_input',
      details: { param: 'margin' },
    });
  });
});
