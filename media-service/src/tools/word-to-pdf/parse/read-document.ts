import { AppError } from '@nebula/contract/errors';
import type { DocxPackage } from '../package/open-package.ts';
import { findPart, type Relationships, readRelationships } from '../package/relationships.ts';
import { type AnnotatedPart, annotatePart } from './annotate-part.ts';
import { createFidelityReport, type FidelityReport } from './fidelity.ts';
import { formatNumber } from './format-number.ts';
import type { Block, Note, SectionParts, WordDocument } from './model.ts';
import { readNumbering } from './numbering.ts';
import { readBlocks } from './read-blocks.ts';
import type { DocumentContext, Overrides, PartContext, Warn } from './read-context.ts';
import { readInfo } from './read-info.ts';
import { type Ast, runMammoth } from './run-mammoth.ts';
import { type Bands, readSection, type Section } from './sections.ts';
import type { StyleMap } from './style-map.ts';
import { readSettings, readStyles } from './styles.ts';
import { readTheme } from './theme.ts';
import { child } from './xml.ts';

type Wishes = { styleMap: StyleMap; font?: string; fontSize?: number; lineHeight?: number };

/** Reads a whole document, with a report of what it has and the PDF has not. */
export async function readDocument(
  file: DocxPackage,
  wishes: Wishes,
  warn: Warn,
): Promise<{ document: WordDocument; report: FidelityReport }> {
  const report = createFidelityReport();
  const { main, relationships, root } = await findMain(file);
  const text = async (type: string) => {
    const name = findPart(relationships, type);
    return name === undefined ? undefined : file.readText(name);
  };
  const theme = readTheme(await text('theme'));
  const styles = readStyles(await text('styles'), theme);
  const settings = readSettings(await text('settings'));
  const notes = createNotes();
  const shared: DocumentContext = {
    styles,
    theme,
    report,
    warn,
    styleMap: wishes.styleMap,
    numbering: readNumbering(await text('numbering'), theme),
    overrides: overridesOf(wishes, styles.bodySize),
    noteMark: notes.mark,
  };
  countPackage(file, report);
  const body = annotatePart((await file.readText(main)) ?? '', { report, root: 'w:document' });
  const noteParts = {
    footnotes: await annotateNotes(file, relationships, 'footnotes', report),
    endnotes: await annotateNotes(file, relationships, 'endnotes', report),
  };
  const ast = await runMammoth(
    { document: body.xml, footnotes: noteParts.footnotes?.xml, endnotes: noteParts.endnotes?.xml },
    report,
  );
  const context: PartContext = { ...shared, annotations: body.annotations, relationships };
  const blocks = readBlocks(ast.children, context);
  const readNotes = (type: 'footnote' | 'endnote') =>
    readNotesOf(type, { ast, part: noteParts[`${type}s`], file, relationships, shared, notes });
  const footnotes = await readNotes('footnote');
  const endnotes = await readNotes('endnote');
  return {
    report,
    document: {
      blocks,
      sections: await readSections(body, file, shared, relationships),
      footnotes,
      endnotes: [...endnotes.values()],
      info: await readInfo(file, root),
      defaultTab: settings.defaultTab,
      evenAndOdd: settings.evenAndOdd,
    },
  };
}

async function findMain(file: DocxPackage) {
  const root = await readRelationships(file, '');
  const main = findPart(root, 'officeDocument') ?? 'word/document.xml';
  const types = (await file.readText('[Content_Types].xml')) ?? '';
  const isOther = /spreadsheetml\.sheet\.main|presentationml\.presentation\.main/.test(types);
  if (isOther || !file.has(main))
    throw new AppError(
      'unsupported_input',
      'The file is no Word document: it has no main document part. Expected .docx.',
      { param: 'file' },
    );
  return { main, relationships: await readRelationships(file, main), root };
}

function overridesOf({ font, fontSize, lineHeight }: Wishes, bodySize: number): Overrides {
  return { font, lineHeight, scale: fontSize === undefined ? 1 : fontSize / bodySize };
}

function countPackage(file: DocxPackage, report: FidelityReport): void {
  const names = file.names().map((name) => name.toLowerCase());
  const count = (test: (name: string) => boolean) => names.filter(test).length;
  const macros = count((name) => name.endsWith('vbaproject.bin'));
  const signatures = count((name) => /^_xmlsignatures\/.*\.xml$/.test(name));
  if (macros > 0) report.add('macro', macros);
  if (signatures > 0) report.add('digital_signature', signatures);
}

async function annotateNotes(
  file: DocxPackage,
  relationships: Relationships,
  type: 'footnotes' | 'endnotes',
  report: FidelityReport,
): Promise<AnnotatedPart | undefined> {
  const name = findPart(relationships, type);
  const text = name === undefined ? undefined : await file.readText(name);
  return text === undefined ? undefined : annotatePart(text, { report, root: `w:${type}` });
}

/** Notes are numbered in the order in which the text refers to them. */
function createNotes() {
  const marks = {
    footnote: new Map<string, string>(),
    endnote: new Map<string, string>(),
  };
  return {
    marks,
    mark: (type: 'footnote' | 'endnote', id: string): string => {
      const known = marks[type].get(id);
      if (known !== undefined) return known;
      const number = marks[type].size + 1;
      const mark = formatNumber(number, type === 'endnote' ? 'lowerRoman' : 'decimal');
      marks[type].set(id, mark);
      return mark;
    },
  };
}

async function readNotesOf(
  type: 'footnote' | 'endnote',
  {
    ast,
    file,
    notes,
    part,
    relationships,
    shared,
  }: {
    ast: Ast;
    file: DocxPackage;
    notes: ReturnType<typeof createNotes>;
    part: AnnotatedPart | undefined;
    relationships: Relationships;
    shared: DocumentContext;
  },
): Promise<Map<string, Note>> {
  const found = new Map<string, Note>();
  const name = findPart(relationships, `${type}s`);
  if (!part || name === undefined) return found;
  const context: PartContext = {
    ...shared,
    annotations: part.annotations,
    relationships: await readRelationships(file, name),
  };
  for (const [id, mark] of notes.marks[type])
    found.set(`${type}:${id}`, { mark, blocks: readBlocks(ast.note(type, id), context) });
  return found;
}

/**
 * Reads the sections alone, which say what paper a document is for.
 *
 * @throws AppError `unsupported_input` for what is no Word document
 */
export async function readPaper(file: DocxPackage): Promise<SectionParts[]> {
  const { main } = await findMain(file);
  const report = createFidelityReport();
  const body = annotatePart((await file.readText(main)) ?? '', { report, root: 'w:document' });
  return sectionsOf(body, report).map((section) => ({ section, headers: {}, footers: {} }));
}

function sectionsOf(body: AnnotatedPart, report: FidelityReport): Section[] {
  const nodes = body.annotations.paragraphs
    .map(({ properties }) => child(properties, 'w:sectPr'))
    .filter((node) => node !== undefined);
  const sections: Section[] = [];
  for (const node of [...nodes, body.lastSection])
    sections.push(readSection(node, sections.at(-1), report));
  return sections;
}

async function readSections(
  body: AnnotatedPart,
  file: DocxPackage,
  shared: DocumentContext,
  relationships: Relationships,
): Promise<SectionParts[]> {
  const sections = sectionsOf(body, shared.report);
  const bands = new Map<string, Block[]>();
  const readBand = async (id: string): Promise<Block[]> => {
    const known = bands.get(id);
    if (known) return known;
    const name = relationships.get(id);
    const text = name && !name.isExternal ? await file.readText(name.target) : undefined;
    const blocks = text && name ? await readPart(text, name.target, file, shared) : [];
    bands.set(id, blocks);
    return blocks;
  };
  const readBands = async (ids: Bands) => {
    const result: SectionParts['headers'] = {};
    for (const kind of ['default', 'first', 'even'] as const) {
      const id = ids[kind];
      if (id !== undefined) result[kind] = await readBand(id);
    }
    return result;
  };
  const parts: SectionParts[] = [];
  for (const section of sections)
    parts.push({
      section,
      headers: await readBands(section.headers),
      footers: await readBands(section.footers),
    });
  return parts;
}

/** Mammoth does not read headers and footers; as the body of a document it does. */
async function readPart(
  text: string,
  name: string,
  file: DocxPackage,
  shared: DocumentContext,
): Promise<Block[]> {
  const part = annotatePart(text, { report: shared.report, root: 'w:document' });
  const ast = await runMammoth({ document: part.xml }, shared.report);
  return readBlocks(ast.children, {
    ...shared,
    annotations: part.annotations,
    relationships: await readRelationships(file, name),
  });
}
