import { formatNumber } from './format-number.ts';
import type { CharacterFormat, ParagraphFormat } from './formats.ts';
import { readCharacterFormat } from './read-character-format.ts';
import { readParagraphFormat } from './read-paragraph-format.ts';
import type { Theme } from './theme.ts';
import { child, numberOf, propertyOf, readXml, switchOf, type XmlNode } from './xml.ts';

/** One level of a list. */
export type ListLevel = {
  format: string;
  /** Text with %1 to %9 where the numbers go. */
  text: string;
  start: number;
  /** Level whose number begins this one anew; 0 for none. */
  restartAfter: number;
  suffix: 'tab' | 'space' | 'nothing';
  align: 'left' | 'center' | 'right';
  isLegal: boolean;
  paragraph: Partial<ParagraphFormat>;
  characters: Partial<CharacterFormat>;
};

export type ListMark = { text: string; level: ListLevel; isOrdered: boolean };

export type Numbering = {
  level: (id: string, level: number) => ListLevel | undefined;
  /** Counts one further, and gives the mark of a paragraph. */
  next: (id: string, level: number) => ListMark | undefined;
};

type List = {
  abstractId: string;
  levels: (ListLevel | undefined)[];
  starts: (number | undefined)[];
};

export function readNumbering(text: string | undefined, theme: Theme): Numbering {
  const lists = text ? readLists(readXml(text), theme) : new Map<string, List>();
  const counters = new Map<string, (number | undefined)[]>();
  const begun = new Set<string>();

  const next = (id: string, at: number): ListMark | undefined => {
    const list = lists.get(id);
    const level = list?.levels[at];
    if (!list || !level) return undefined;
    const counts = counters.get(list.abstractId) ?? [];
    counters.set(list.abstractId, counts);
    // A list that shares its numbers with another one begins where it says itself.
    if (!begun.has(id)) {
      begun.add(id);
      list.starts.forEach((start, index) => {
        if (start !== undefined) counts[index] = start - 1;
      });
    }
    counts[at] = (counts[at] ?? level.start - 1) + 1;
    for (let deeper = at + 1; deeper < 9; deeper++) {
      const restart = list.levels[deeper]?.restartAfter ?? deeper;
      if (restart !== 0 && at < restart) counts[deeper] = undefined;
    }
    const isOrdered = level.format !== 'bullet' && level.format !== 'none';
    return { text: markOf(list, counts, at, level), level, isOrdered };
  };
  return { level: (id, at) => lists.get(id)?.levels[at], next };
}

function markOf(list: List, counts: (number | undefined)[], at: number, level: ListLevel): string {
  if (level.format === 'bullet') return bulletOf(level);
  if (level.format === 'none') return level.text.replace(/%[1-9]/g, '');
  return level.text.replace(/%([1-9])/g, (_, digit: string) => {
    const index = Number(digit) - 1;
    const other = list.levels[index];
    if (!other || index > at) return '';
    const format = level.isLegal ? 'decimal' : other.format;
    return formatNumber(counts[index] ?? other.start, format);
  });
}

/** Characters of Symbol and Wingdings that are used as bullets. */
const symbolBullets: Record<string, string> = {
  '\uf0b7': '•',
  '\u00b7': '•',
  '\uf0a7': '▪',
  '\u00a7': '▪',
  '\uf06f': '□',
  '\uf0a8': '□',
  '\uf071': '❑',
  '\uf076': '❖',
  '\uf0d8': '➢',
  '\uf0fc': '✓',
  '\uf0fb': '✗',
  '\uf06c': '●',
  '\uf06e': '■',
  '\uf075': '◆',
  '\uf0e0': '→',
  '\uf0e8': '➔',
  '\uf02d': '–',
  '\uf0ae': '→',
  '\uf0a1': '○',
};

function bulletOf({ characters, text }: ListLevel): string {
  const isSymbol = /^(symbol|wingdings|webdings)/i.test(characters.font ?? '');
  return [...text]
    .map((char) => {
      const isPrivate = char >= '\uf000' && char <= '\uf0ff';
      if (!isPrivate && !isSymbol) return char;
      const private_ = isPrivate ? char : String.fromCodePoint(0xf000 + (char.codePointAt(0) ?? 0));
      return symbolBullets[char] ?? symbolBullets[private_] ?? '•';
    })
    .join('');
}

function readLists(root: XmlNode, theme: Theme): Map<string, List> {
  const abstracts = new Map<string, XmlNode>();
  const byStyleLink = new Map<string, string>();
  for (const node of root.children) {
    const id = node.attributes['w:abstractNumId'];
    if (node.name !== 'w:abstractNum' || id === undefined) continue;
    abstracts.set(id, node);
    const link = propertyOf(node, 'w:styleLink');
    if (link !== undefined) byStyleLink.set(link, id);
  }
  const levelsOf = new Map<string, (ListLevel | undefined)[]>();
  const readAbstract = (id: string, depth = 0): (ListLevel | undefined)[] => {
    const known = levelsOf.get(id);
    const node = abstracts.get(id);
    if (known || !node) return known ?? [];
    const linked = byStyleLink.get(propertyOf(node, 'w:numStyleLink') ?? '');
    const own = readLevels(node, theme);
    const levels =
      own.length === 0 && linked !== undefined && linked !== id && depth < 8
        ? readAbstract(linked, depth + 1)
        : own;
    levelsOf.set(id, levels);
    return levels;
  };
  const lists = new Map<string, List>();
  for (const node of root.children) {
    const id = node.attributes['w:numId'];
    const abstractId = propertyOf(node, 'w:abstractNumId');
    if (node.name !== 'w:num' || id === undefined || abstractId === undefined) continue;
    const levels = [...readAbstract(abstractId)];
    const starts: (number | undefined)[] = [];
    for (const change of node.children) {
      const at = numberOf(change.attributes['w:ilvl']);
      if (change.name !== 'w:lvlOverride' || at === undefined || at < 0 || at > 8) continue;
      const level = child(change, 'w:lvl');
      if (level) levels[at] = readLevel(level, theme);
      starts[at] = numberOf(propertyOf(change, 'w:startOverride'));
    }
    lists.set(id, { abstractId, levels, starts });
  }
  return lists;
}

function readLevels(node: XmlNode, theme: Theme): (ListLevel | undefined)[] {
  const levels: (ListLevel | undefined)[] = [];
  for (const each of node.children) {
    const at = numberOf(each.attributes['w:ilvl']);
    if (each.name === 'w:lvl' && at !== undefined && at >= 0 && at < 9)
      levels[at] = readLevel(each, theme);
  }
  return levels;
}

function readLevel(node: XmlNode, theme: Theme): ListLevel {
  const at = numberOf(node.attributes['w:ilvl']) ?? 0;
  const suffix = propertyOf(node, 'w:suff');
  const align = propertyOf(node, 'w:lvlJc');
  return {
    format: propertyOf(node, 'w:numFmt') ?? 'decimal',
    text: (propertyOf(node, 'w:lvlText') ?? '').slice(0, 64),
    start: numberOf(propertyOf(node, 'w:start')) ?? 0,
    restartAfter: numberOf(propertyOf(node, 'w:lvlRestart')) ?? at,
    suffix: suffix === 'space' || suffix === 'nothing' ? suffix : 'tab',
    align: align === 'center' ? 'center' : align === 'right' || align === 'end' ? 'right' : 'left',
    isLegal: switchOf(node, 'w:isLgl') ?? false,
    paragraph: readParagraphFormat(child(node, 'w:pPr'), theme),
    characters: readCharacterFormat(child(node, 'w:rPr'), theme),
  };
}
