import { linkMark } from './annotations.ts';
import { mappedCharacters, override } from './character-rules.ts';
import { type CharacterFormat, merge } from './formats.ts';
import type { Inline, LinkTarget } from './model.ts';
import { readCharacterFormat } from './read-character-format.ts';
import type { PartContext } from './read-context.ts';
import type { AstNode } from './run-mammoth.ts';
import { propertyOf } from './xml.ts';

/** Reads what stands in the lines of a paragraph. */
export function createInlineReader(context: PartContext, base: CharacterFormat) {
  const { annotations, relationships, report, styleMap, styles, theme, warn } = context;
  const inlines: Inline[] = [];

  const readNodes = (nodes: AstNode[], format: CharacterFormat, link: LinkTarget | undefined) => {
    for (const node of nodes) readNode(node, format, link);
  };

  const readRun = (node: AstNode, link: LinkTarget | undefined) => {
    const record = annotations.runs[Number(node.font)];
    const style = styles.character(propertyOf(record?.properties, 'w:rStyle'));
    const mapped = styleMap.run(style);
    if (record?.isRest || mapped?.isLeftOut) return;
    const direct = readCharacterFormat(record?.properties, theme);
    const merged = merge(base, style?.characters, direct, mappedCharacters(mapped));
    const format = override(withCharacterRules(merged), context);
    if (format.isHidden) return;
    for (const feature of format.lost) report.add(feature);
    if (record?.field) inlines.push({ kind: 'text', text: '', format, link, field: record.field });
    else readNodes(node.children ?? [], format, link);
  };

  const withCharacterRules = (format: CharacterFormat): CharacterFormat => {
    const kinds = [
      format.isBold && ('bold' as const),
      format.isItalic && ('italic' as const),
      format.underline !== 'none' && ('underline' as const),
      format.isStruck && ('strikethrough' as const),
    ];
    const patches = kinds.map((kind) =>
      mappedCharacters(kind ? styleMap.character(kind) : undefined),
    );
    return merge(format, ...patches);
  };

  const readNode = (node: AstNode, format: CharacterFormat, link: LinkTarget | undefined) => {
    switch (node.type) {
      case 'run':
        return readRun(node, link);
      case 'text':
        return addText(node.value ?? '', format, link);
      case 'tab':
        return inlines.push({ kind: 'tab', format });
      case 'break':
        return inlines.push({ kind: 'break', type: node.breakType ?? 'line', format });
      case 'hyperlink':
        return readNodes(node.children ?? [], format, linkOf(node) ?? link);
      case 'noteReference':
        return addNote(node, format);
      case 'bookmarkStart':
        return node.name && inlines.push({ kind: 'anchor', name: node.name });
      case 'checkbox':
        return addText(node.checked ? '☒' : '☐', format, link);
      case 'image':
        return addImage(node, link);
      default:
        return undefined;
    }
  };

  const addText = (text: string, format: CharacterFormat, link: LinkTarget | undefined) => {
    if (text === '') return;
    if (!format.isSmallCaps || format.isAllCaps) {
      const shown = format.isAllCaps ? text.toUpperCase() : text;
      inlines.push({ kind: 'text', text: shown, format, link });
      return;
    }
    const small = { ...format, size: format.size * 0.8 };
    for (const [piece] of text.matchAll(/\p{Ll}+|\P{Ll}+/gu)) {
      const isLower = /^\p{Ll}/u.test(piece);
      const shown = piece.toUpperCase();
      inlines.push({ kind: 'text', text: shown, format: isLower ? small : format, link });
    }
  };

  const addNote = ({ noteId, noteType }: AstNode, format: CharacterFormat) => {
    if (noteId === undefined || noteType === undefined) return;
    const mark = context.noteMark(noteType, noteId);
    if (!mark) return;
    const raised: CharacterFormat = { ...format, position: 'super' };
    inlines.push({ kind: 'note', id: `${noteType}:${noteId}`, mark, format: raised });
  };

  const addImage = (node: AstNode, link: LinkTarget | undefined) => {
    const record = annotations.images[Number(node.altText)];
    const target = relationships.get(record?.embed ?? '');
    if (!record || !target) return;
    if (target.isExternal) {
      report.add('external_image');
      return;
    }
    const { align, crop, height, isFloating, width } = record;
    inlines.push({
      kind: 'image',
      image: { part: target.target, width, height, crop, isFloating, align },
      link: record.link ? safeLink(relationships.get(record.link)?.target) : link,
    });
  };

  const linkOf = ({ anchor, href }: AstNode): LinkTarget | undefined => {
    if (href !== undefined) return safeLink(href);
    if (anchor === undefined) return undefined;
    if (!anchor.startsWith(linkMark)) return { anchor };
    const record = annotations.links[Number(anchor.slice(linkMark.length))];
    const target = relationships.get(record?.relationship ?? '')?.target;
    if (target === undefined) return record?.anchor ? { anchor: record.anchor } : undefined;
    const fragment = record?.anchor && !target.includes('#') ? `#${record.anchor}` : '';
    return safeLink(`${target}${fragment}`);
  };

  /** Only addresses that a reader may open without harm. */
  const safeLink = (href: string | undefined): LinkTarget | undefined => {
    if (href === undefined) return undefined;
    if (href.startsWith('#')) return { anchor: href.slice(1) };
    if (/^(https?:\/\/|mailto:)/i.test(href) && href.length <= 2048 && URL.canParse(href))
      return { href: new URL(href).href };
    warn('link_removed', `A link to ${href.slice(0, 60)} was removed; its text was kept.`);
    return undefined;
  };

  return {
    read: (nodes: AstNode[]): Inline[] => {
      readNodes(nodes, base, undefined);
      return inlines;
    },
  };
}
