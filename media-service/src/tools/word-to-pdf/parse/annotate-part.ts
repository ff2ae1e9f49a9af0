import { createFields } from './annotate-fields.ts';
import { createGraphics } from './annotate-graphics.ts';
import { type Annotations, createAnnotations, linkMark } from './annotations.ts';
import type { FidelityReport } from './fidelity.ts';
import { createWriter, openRun } from './part-writer.ts';
import { child, createNode, createTreeBuilder, streamXml, type XmlNode } from './xml.ts';

/** A part as mammoth gets it, and what it would have dropped. */
export type AnnotatedPart = { xml: string; annotations: Annotations; lastSection?: XmlNode };

/** Properties are kept as trees; mammoth gets an index instead. */
const captured = new Set([
  'w:pPr',
  'w:rPr',
  'w:tblPr',
  'w:tblGrid',
  'w:trPr',
  'w:tcPr',
  'w:sectPr',
]);

/** Elements that mammoth gets as they are, with the attributes it reads. */
const kept = new Map<string, readonly string[]>([
  ['w:tab', []],
  ['w:noBreakHyphen', []],
  ['w:softHyphen', []],
  ['w:sym', ['w:font', 'w:char']],
  ['w:br', ['w:type']],
  ['w:footnoteReference', ['w:id']],
  ['w:endnoteReference', ['w:id']],
  ['w:bookmarkStart', ['w:name']],
  ['w:footnote', ['w:id', 'w:type']],
  ['w:endnote', ['w:id', 'w:type']],
]);

/** Left out with everything inside. */
const skipped = new Set([
  'w:sdtPr',
  'w:sdtEndPr',
  'w:customXmlPr',
  'w:smartTagPr',
  'w:rt',
  'w:tblPrEx',
  'm:ctrlPr',
  'w:tblPrChange',
]);

/**
 * Rewrites a part for mammoth: properties become indexes, alternatives are chosen, and what mammoth
 * does not know is counted for the report.
 *
 * @param root the element that mammoth expects around the content, such as `w:footnotes`
 */
export function annotatePart(
  text: string,
  {
    report: wholeReport,
    root,
  }: { report: FidelityReport; root: 'w:document' | 'w:footnotes' | 'w:endnotes' },
): AnnotatedPart {
  let fallbackDepth = 0;
  // A fallback shows again what its choice has counted already.
  const report: FidelityReport = {
    ...wholeReport,
    add: (feature, count) => {
      if (fallbackDepth === 0) wholeReport.add(feature, count);
    },
  };
  const annotations = createAnnotations();
  const writer = createWriter();
  const graphics = createGraphics(writer, annotations, report);
  const fields = createFields(writer, annotations, report);
  const owners: { paragraphs: number[]; runs: number[]; tables: number[] } = {
    paragraphs: [],
    runs: [],
    tables: [],
  };
  const alternatives: { chosen: boolean; before: number }[] = [];
  let lastSection: XmlNode | undefined;
  let capture:
    | { depth: number; top: XmlNode; builder: ReturnType<typeof createTreeBuilder> }
    | undefined;
  let skipDepth = 0;
  let textDepth = 0;

  const finishCapture = (name: string, node: XmlNode) => {
    const table = annotations.tables[owners.tables.at(-1) ?? -1];
    const row = table?.rows.at(-1);
    const paragraph = annotations.paragraphs[owners.paragraphs.at(-1) ?? -1];
    const run = annotations.runs[owners.runs.at(-1) ?? -1];
    const cell = row?.cells.at(-1);
    if (name === 'w:pPr' && paragraph) {
      paragraph.properties ??= node;
      countParagraph(node, report);
    } else if (name === 'w:rPr' && run) run.properties ??= node;
    else if (name === 'w:tblPr' && table) table.properties ??= node;
    else if (name === 'w:tblGrid' && table) table.grid ??= node;
    else if (name === 'w:trPr' && row) row.properties ??= node;
    else if (name === 'w:tcPr' && cell) cell.properties ??= node;
    else if (name === 'w:sectPr') lastSection = node;
  };

  const open = (name: string, attributes: Record<string, string>) => {
    if (skipDepth > 0) {
      skipDepth += 1;
      return;
    }
    if (capture) {
      capture.depth += 1;
      capture.builder.open(name, attributes);
      return;
    }
    if (captured.has(name)) {
      const top = createNode(name, attributes);
      capture = { depth: 1, top, builder: createTreeBuilder(top) };
      return;
    }
    if (skipped.has(name) || skipsAlternative(name, alternatives)) {
      skipDepth = 1;
      return;
    }
    if (graphics.open(name, attributes) || fields.open(name, attributes)) return;
    switch (name) {
      case 'w:p':
        owners.paragraphs.push(annotations.paragraphs.push({}) - 1);
        writer.raw(`<w:p><w:pPr><w:jc w:val="${annotations.paragraphs.length - 1}"/></w:pPr>`);
        break;
      case 'w:r':
      case 'm:r':
        owners.runs.push(annotations.runs.push({}) - 1);
        writer.raw(openRun(annotations.runs.length - 1));
        break;
      case 'w:t':
      case 'm:t':
        textDepth += 1;
        fields.markRun(owners.runs.at(-1));
        writer.raw('<w:t>');
        break;
      case 'w:tbl':
        owners.tables.push(annotations.tables.push({ rows: [] }) - 1);
        writer.raw(
          `<w:tbl><w:tblPr><w:tblStyle w:val="${annotations.tables.length - 1}"/></w:tblPr>`,
        );
        break;
      case 'w:tr':
        annotations.tables[owners.tables.at(-1) ?? -1]?.rows.push({ cells: [] });
        writer.raw('<w:tr>');
        break;
      case 'w:tc':
        annotations.tables[owners.tables.at(-1) ?? -1]?.rows.at(-1)?.cells.push({});
        writer.raw('<w:tc>');
        break;
      case 'w:hyperlink':
        annotations.links.push({
          relationship: attributes['r:id'],
          anchor: attributes['w:anchor'],
        });
        writer.raw(`<w:hyperlink w:anchor="${linkMark}${annotations.links.length - 1}">`);
        break;
      case 'w:cr':
        writer.raw('<w:br/>');
        break;
      case 'mc:AlternateContent':
        alternatives.push({ chosen: false, before: 0 });
        break;
      case 'mc:Choice':
      case 'mc:Fallback': {
        if (name === 'mc:Fallback') fallbackDepth += 1;
        const alternative = alternatives.at(-1);
        if (alternative) alternative.before = writer.written() + graphics.pending();
        break;
      }
      case 'w:del':
      case 'w:moveFrom':
        report.add('tracked_change');
        skipDepth = 1;
        break;
      default:
        countElement(name, report);
        if (kept.has(name)) writer.open(name, attributes, kept.get(name) ?? []);
    }
  };

  const close = (name: string) => {
    if (skipDepth > 0) {
      skipDepth -= 1;
      return;
    }
    if (capture) {
      capture.depth -= 1;
      if (capture.depth > 0) capture.builder.close(name);
      else {
        const { top } = capture;
        capture = undefined;
        finishCapture(name, top);
      }
      return;
    }
    if (graphics.close(name) || fields.close(name)) return;
    switch (name) {
      case 'w:p':
        owners.paragraphs.pop();
        writer.raw('</w:p>');
        break;
      case 'w:r':
      case 'm:r':
        owners.runs.pop();
        writer.raw('</w:r>');
        fields.closeRun();
        break;
      case 'w:t':
      case 'm:t':
        textDepth -= 1;
        writer.raw('</w:t>');
        break;
      case 'w:tbl':
        owners.tables.pop();
        writer.raw('</w:tbl>');
        break;
      case 'w:tr':
      case 'w:tc':
      case 'w:hyperlink':
        writer.raw(`</${name}>`);
        break;
      case 'mc:AlternateContent':
        alternatives.pop();
        break;
      case 'mc:Fallback':
        fallbackDepth -= 1;
        break;
      case 'mc:Choice': {
        const alternative = alternatives.at(-1);
        if (alternative && writer.written() + graphics.pending() > alternative.before)
          alternative.chosen = true;
        break;
      }
      default:
        if (kept.has(name)) writer.raw(`</${name}>`);
    }
  };

  streamXml(text, {
    open,
    close,
    text: (piece) => {
      if (skipDepth > 0) return;
      if (capture) capture.builder.text(piece);
      else if (textDepth > 0) writer.text(piece);
      else if (!graphics.text(piece)) fields.text(piece);
    },
  });
  const inner = writer.end();
  const body = root === 'w:document' ? `<w:body>${inner}</w:body>` : inner;
  return { xml: `<${root} ${namespaces}>${body}</${root}>`, annotations, lastSection };
}

/** Of several alternatives the first that gave something is used. */
function skipsAlternative(name: string, alternatives: { chosen: boolean }[]): boolean {
  const isAlternative = name === 'mc:Choice' || name === 'mc:Fallback';
  return isAlternative && (alternatives.at(-1)?.chosen ?? false);
}

function countParagraph(properties: XmlNode, report: FidelityReport): void {
  const frame = child(properties, 'w:framePr');
  if (!frame) return;
  const isDropCap = ['drop', 'margin'].includes(frame.attributes['w:dropCap'] ?? '');
  report.add(isDropCap ? 'drop_cap' : 'frame');
}

const counted = new Map([
  ['w:ins', 'tracked_change'],
  ['w:moveTo', 'tracked_change'],
  ['w:commentReference', 'comment'],
  ['m:oMath', 'equation'],
  ['w:altChunk', 'embedded_document'],
  ['w:subDoc', 'embedded_document'],
  ['w:ruby', 'ruby'],
  ['w:contentPart', 'ink'],
  ['w:background', 'page_background'],
] as const);

function countElement(name: string, report: FidelityReport): void {
  const feature = counted.get(name as never);
  if (feature) report.add(feature);
}

const namespaces = [
  ['w', 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'],
  ['r', 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'],
  ['wp', 'http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing'],
  ['a', 'http://schemas.openxmlformats.org/drawingml/2006/main'],
  ['pic', 'http://schemas.openxmlformats.org/drawingml/2006/picture'],
  ['v', 'urn:schemas-microsoft-com:vml'],
]
  .map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`)
  .join(' ');
