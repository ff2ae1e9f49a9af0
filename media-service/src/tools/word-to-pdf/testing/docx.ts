import { ZipFile } from 'yazl';

/** What a test document is made of; everything but the body has a default. */
export type DocxParts = {
  /** Content of w:body; the section goes behind it. */
  body: string;
  section?: string;
  /** Content of w:styles. */
  styles?: string;
  numbering?: string;
  footnotes?: string;
  endnotes?: string;
  settings?: string;
  /** Relationships of the document: id, type, target, and whether it is external. */
  relationships?: readonly (readonly [
    id: string,
    type: string,
    target: string,
    external?: boolean,
  ])[];
  /** Further parts, by name. */
  parts?: Readonly<Record<string, string | Buffer>>;
};

const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** The namespaces that the snippets of the tests use. */
export const namespaces = [
  ['w', 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'],
  ['r', office],
  ['wp', 'http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing'],
  ['a', 'http://schemas.openxmlformats.org/drawingml/2006/main'],
  ['pic', 'http://schemas.openxmlformats.org/drawingml/2006/picture'],
  ['c', 'http://schemas.openxmlformats.org/drawingml/2006/chart'],
  ['dgm', 'http://schemas.openxmlformats.org/drawingml/2006/diagram'],
  ['m', 'http://schemas.openxmlformats.org/officeDocument/2006/math'],
  ['mc', 'http://schemas.openxmlformats.org/markup-compatibility/2006'],
  ['wps', 'http://schemas.microsoft.com/office/word/2010/wordprocessingShape'],
  ['wpg', 'http://schemas.microsoft.com/office/word/2010/wordprocessingGroup'],
  ['wpi', 'http://schemas.microsoft.com/office/word/2010/wordprocessingInk'],
  ['v', 'urn:schemas-microsoft-com:vml'],
  ['o', 'urn:schemas-microsoft-com:office:office'],
]
  .map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`)
  .join(' ');

/** A4 with margins of one inch. */
export const a4 =
  '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440" w:header="708" w:footer="708"/></w:sectPr>';

/** Calibri 11 with a little space, and the headings of Word. */
export const plainStyles = `<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri"/><w:sz w:val="22"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="160" w:line="259" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:pPr><w:spacing w:after="240"/></w:pPr><w:rPr><w:sz w:val="56"/></w:rPr></w:style>
${[1, 2, 3].map((level) => `<w:style w:type="paragraph" w:styleId="Heading${level}"><w:name w:val="heading ${level}"/><w:basedOn w:val="Normal"/><w:pPr><w:keepNext/><w:spacing w:before="240" w:after="80"/><w:outlineLvl w:val="${level - 1}"/></w:pPr><w:rPr><w:b/><w:color w:val="2E74B5"/><w:sz w:val="${40 - level * 6}"/></w:rPr></w:style>`).join('')}
<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/><w:rPr><w:color w:val="0563C1"/><w:u w:val="single"/></w:rPr></w:style>
<w:style w:type="character" w:styleId="FootnoteReference"><w:name w:val="footnote reference"/><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>
<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:tblPr><w:tblBorders>${['top', 'left', 'bottom', 'right', 'insideH', 'insideV'].map((side) => `<w:${side} w:val="single" w:sz="4" w:color="000000"/>`).join('')}</w:tblBorders></w:tblPr></w:style>`;

/** A paragraph; `properties` is the content of w:pPr, `run` that of each w:rPr. */
export function p(text: string, { properties = '', run = '' } = {}): string {
  return `<w:p><w:pPr>${properties}</w:pPr>${r(text, run)}</w:p>`;
}

export function r(text: string, properties = ''): string {
  return `<w:r><w:rPr>${properties}</w:rPr><w:t xml:space="preserve">${escapeText(text)}</w:t></w:r>`;
}

export function heading(level: number, text: string): string {
  return p(text, { properties: `<w:pStyle w:val="Heading${level}"/>` });
}

/** A table of plain texts with the style `TableGrid`. */
export function table(
  rows: readonly (readonly string[])[],
  { columns = [2000, 2000, 2000], properties = '', headerRows = 0 } = {},
): string {
  const cells = (texts: readonly string[]) =>
    texts.map((text) => `<w:tc>${text.startsWith('<') ? text : p(text)}</w:tc>`).join('');
  const body = rows.map(
    (row, index) =>
      `<w:tr>${index < headerRows ? '<w:trPr><w:tblHeader/></w:trPr>' : ''}${cells(row)}</w:tr>`,
  );
  return `<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/>${properties}</w:tblPr><w:tblGrid>${columns.map((width) => `<w:gridCol w:w="${width}"/>`).join('')}</w:tblGrid>${body.join('')}</w:tbl>`;
}

/** A picture in the line, of `width` by `height` points. */
export function picture(id: string, width: number, height: number): string {
  const size = `cx="${width * 12_700}" cy="${height * 12_700}"`;
  return `<w:r><w:drawing><wp:inline><wp:extent ${size}/><wp:docPr id="1" name="Picture"/>${graphic(id)}</wp:inline></w:drawing></w:r>`;
}

export function graphic(id: string): string {
  return `<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr/><pic:blipFill><a:blip r:embed="${id}"/></pic:blipFill><pic:spPr/></pic:pic></a:graphicData></a:graphic>`;
}

export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The bytes of a Word document. */
export async function docx(parts: DocxParts | string): Promise<Buffer> {
  const {
    body,
    section = a4,
    styles = plainStyles,
    ...rest
  } = typeof parts === 'string' ? { body: parts } : parts;
  const relationships = [...(rest.relationships ?? [])];
  const entries: Record<string, string | Buffer> = {};
  const add = (kind: 'numbering' | 'footnotes' | 'endnotes' | 'settings', content?: string) => {
    if (content === undefined) return;
    entries[`word/${kind}.xml`] = `<w:${kind} ${namespaces}>${content}</w:${kind}>`;
    relationships.push([`r-${kind}`, kind, `${kind}.xml`]);
  };
  add('numbering', rest.numbering);
  add('footnotes', rest.footnotes);
  add('endnotes', rest.endnotes);
  add('settings', rest.settings);
  entries['word/styles.xml'] = `<w:styles ${namespaces}>${styles}</w:styles>`;
  relationships.push(['r-styles', 'styles', 'styles.xml']);
  return zipEntries({
    '[Content_Types].xml': contentTypes,
    '_rels/.rels': relationshipsXml([['rId1', 'officeDocument', 'word/document.xml']]),
    'word/document.xml': `<?xml version="1.0" encoding="UTF-8"?><w:document ${namespaces}><w:body>${body}${section}</w:body></w:document>`,
    'word/_rels/document.xml.rels': relationshipsXml(relationships),
    ...entries,
    ...rest.parts,
  });
}

const contentTypes =
  '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="png" ContentType="image/png"/><Default Extension="jpg" ContentType="image/jpeg"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>';

export function relationshipsXml(
  list: readonly (readonly [id: string, type: string, target: string, external?: boolean])[],
): string {
  const items = list.map(
    ([id, type, target, external]) =>
      `<Relationship Id="${id}" Type="${office}/${type}" Target="${escapeText(target)}"${external ? ' TargetMode="External"' : ''}/>`,
  );
  return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${items.join('')}</Relationships>`;
}

/** A ZIP with the entries in the given order. */
export async function zipEntries(entries: Record<string, string | Buffer>): Promise<Buffer> {
  const archive = new ZipFile();
  for (const [name, content] of Object.entries(entries))
    archive.addBuffer(Buffer.from(content), name, { mtime: new Date(0) });
  archive.end();
  const chunks: Buffer[] = [];
  for await (const chunk of archive.outputStream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
