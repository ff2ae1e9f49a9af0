import { type CharacterFormat, merge, type ParagraphFormat } from './formats.ts';
import { readCharacterFormat } from './read-character-format.ts';
import { readParagraphFormat } from './read-paragraph-format.ts';
import type { Theme } from './theme.ts';
import { child, numberOf, propertyOf, readXml, switchOf, type XmlNode } from './xml.ts';

export type Style = {
  id: string;
  name: string;
  kind: string;
  paragraph: Partial<ParagraphFormat>;
  characters: Partial<CharacterFormat>;
  /** The styles of a table, the base first; see the reader of tables. */
  tableNodes: XmlNode[];
  /** 1 to 9 for the headings, by name or by level. */
  heading?: number;
};

export type Styles = {
  defaults: { paragraph: Partial<ParagraphFormat>; characters: Partial<CharacterFormat> };
  paragraph: (id: string | undefined) => Style;
  character: (id: string | undefined) => Style | undefined;
  table: (id: string | undefined) => Style | undefined;
  /** Font size of body text in points. */
  bodySize: number;
};

/** A chain of styles longer than this is a circle. */
const maxDepth = 32;

export function readStyles(text: string | undefined, theme: Theme): Styles {
  const root = text ? readXml(text) : undefined;
  const nodes = new Map<string, XmlNode>();
  const defaultIds = new Map<string, string>();
  for (const node of root?.children ?? []) {
    const { 'w:default': isDefault, 'w:styleId': id, 'w:type': kind } = node.attributes;
    if (node.name !== 'w:style' || id === undefined) continue;
    if (!nodes.has(id)) nodes.set(id, node);
    if (isDefault === '1' || isDefault === 'true') defaultIds.set(kind ?? 'paragraph', id);
  }
  const cache = new Map<string, Style>();

  const resolve = (id: string, depth: number): Style | undefined => {
    const known = cache.get(id);
    const node = nodes.get(id);
    if (known || !node) return known;
    const baseId = propertyOf(node, 'w:basedOn');
    const base =
      baseId !== undefined && depth < maxDepth && baseId !== id
        ? resolve(baseId, depth + 1)
        : undefined;
    const style = createStyle(id, node, base, theme);
    cache.set(id, style);
    return style;
  };
  const ofKind = (kind: string, id: string | undefined) => {
    const found = id === undefined ? undefined : resolve(id, 0);
    return found?.kind === kind ? found : undefined;
  };

  const defaultsNode = child(root, 'w:docDefaults');
  const defaults = {
    paragraph: readParagraphFormat(child(child(defaultsNode, 'w:pPrDefault'), 'w:pPr'), theme),
    characters: readCharacterFormat(child(child(defaultsNode, 'w:rPrDefault'), 'w:rPr'), theme),
  };
  const plain = ofKind('paragraph', defaultIds.get('paragraph')) ?? emptyStyle;
  return {
    defaults,
    paragraph: (id) => ofKind('paragraph', id) ?? plain,
    character: (id) => ofKind('character', id),
    table: (id) => ofKind('table', id) ?? ofKind('table', defaultIds.get('table')),
    bodySize: plain.characters.size ?? defaults.characters.size ?? 10,
  };
}

const emptyStyle: Style = {
  id: '',
  name: 'Normal',
  kind: 'paragraph',
  paragraph: {},
  characters: {},
  tableNodes: [],
};

function createStyle(id: string, node: XmlNode, base: Style | undefined, theme: Theme): Style {
  const name = (propertyOf(node, 'w:name') ?? id).slice(0, 255);
  const own = readParagraphFormat(child(node, 'w:pPr'), theme);
  const paragraph = mergeParagraph(base?.paragraph ?? {}, own);
  const level = /^heading ([1-9])$/i.exec(name)?.[1];
  return {
    id,
    name,
    kind: node.attributes['w:type'] ?? 'paragraph',
    paragraph,
    characters: merge(base?.characters ?? {}, readCharacterFormat(child(node, 'w:rPr'), theme)),
    tableNodes: [...(base?.tableNodes ?? []), node],
    heading: level ? Number(level) : (headingOf(paragraph) ?? base?.heading),
  };
}

function headingOf({ outlineLevel }: Partial<ParagraphFormat>): number | undefined {
  return outlineLevel !== undefined && outlineLevel < 9 ? outlineLevel + 1 : undefined;
}

/** As `merge`, but tab stops add up, and a numbering without a list keeps that of its base. */
export function mergeParagraph<T extends Partial<ParagraphFormat>>(
  base: T,
  patch: Partial<ParagraphFormat>,
): T {
  const merged: T = merge<T>(base, patch as Partial<T>);
  if (base.tabs && patch.tabs) {
    const changed = new Set(patch.tabs.map(({ position }) => Math.round(position)));
    const stay = base.tabs.filter(({ position }) => !changed.has(Math.round(position)));
    merged.tabs = [...stay, ...patch.tabs];
  }
  if (patch.numbering?.id === '')
    merged.numbering = base.numbering && { id: base.numbering.id, level: patch.numbering.level };
  return merged;
}

/** Whether a setting of the document is on, and the distance of its tab stops. */
export type Settings = { evenAndOdd: boolean; defaultTab: number };

export function readSettings(text: string | undefined): Settings {
  const root = text ? readXml(text) : undefined;
  const tab = numberOf(propertyOf(root, 'w:defaultTabStop')) ?? 720;
  return {
    evenAndOdd: switchOf(root, 'w:evenAndOddHeaders') ?? false,
    defaultTab: tab >= 20 && tab <= 31_680 ? tab / 20 : 36,
  };
}
