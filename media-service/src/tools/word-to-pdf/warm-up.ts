import { flushCompileCache } from 'node:module';
import { type ConvertOptions, convertPackage } from './convert.ts';
import type { DocxPackage } from './package/open-package.ts';
import { readStyleMap } from './parse/style-map.ts';

/** Those of a caller who wishes for nothing; written out, because their schema takes long to load. */
const options: ConvertOptions = {
  style_map: [],
  page_numbers: 'none',
  image_quality: 85,
  image_max_dpi: 300,
  bookmarks: true,
  pages: 'all',
  cache: true,
};

/**
 * Converts a small document of its own before there is a caller's, because code that has run once
 * is ready: the first document of a process takes twice as long as the second.
 */
export async function warmUp(): Promise<void> {
  const styleMap = readStyleMap(["p[style-name='A'] => h1"]);
  await convertPackage(samplePackage(), { options, styleMap }, async (pdf, draw) => {
    pdf.resume();
    await draw();
    pdf.end();
  });
  // The process is killed when it has served, so it would never write down what it compiled.
  flushCompileCache();
}

const w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';

/** Enough text for the engine to see what is used often. */
const sentence = 'The quick brown fox jumps over the lazy dog, and five wizards look on. ';

function samplePackage(): DocxPackage {
  const run = (properties: string) =>
    `<w:r><w:rPr>${properties}</w:rPr><w:t>${sentence}</w:t></w:r>`;
  const paragraph = (align: string) =>
    `<w:p><w:pPr><w:pStyle w:val="A"/><w:jc w:val="${align}"/></w:pPr>${['', '<w:b/>', '<w:i/>', '<w:u w:val="single"/>'].map(run).join('')}</w:p>`;
  const cell = `<w:tc>${paragraph('left')}</w:tc>`;
  const grid = '<w:tblGrid><w:gridCol w:w="4000"/><w:gridCol w:w="4000"/></w:tblGrid>';
  const table = `<w:tbl>${grid}${`<w:tr>${cell}${cell}</w:tr>`.repeat(2)}</w:tbl>`;
  const body = ['left', 'both', 'center'].map(paragraph).join('').repeat(2);
  const styles = `<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri"/></w:rPr></w:rPrDefault></w:docDefaults><w:style w:type="paragraph" w:styleId="A"><w:name w:val="A"/></w:style>`;
  const parts = new Map([
    ['word/document.xml', `<w:document ${w}><w:body>${body}${table}</w:body></w:document>`],
    ['word/styles.xml', `<w:styles ${w}>${styles}</w:styles>`],
    [
      'word/_rels/document.xml.rels',
      '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="s" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>',
    ],
  ]);
  return {
    has: (name) => parts.has(name),
    names: () => [...parts.keys()],
    sizeOf: (name) => parts.get(name)?.length ?? 0,
    read: async (name) => Buffer.from(parts.get(name) ?? ''),
    readText: async (name) => parts.get(name),
    close: () => {},
  };
}
