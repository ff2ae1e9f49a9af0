import { mappedCharacters, override } from './character-rules.ts';
import { defaultCharacters, defaultParagraph, merge, type ParagraphFormat } from './formats.ts';
import type { Paragraph } from './model.ts';
import { readCharacterFormat } from './read-character-format.ts';
import type { CellText, PartContext } from './read-context.ts';
import { createInlineReader } from './read-inlines.ts';
import { readParagraphFormat } from './read-paragraph-format.ts';
import type { AstNode } from './run-mammoth.ts';
import type { Mapped } from './style-map.ts';
import { mergeParagraph } from './styles.ts';
import { child, propertyOf } from './xml.ts';

/** A paragraph, and whether its end is deleted, so that the next one continues it. */
export type ReadParagraph = { paragraph: Paragraph; isJoined: boolean };

/** Font sizes of h1 to h6 where the document has no such style, relative to the body. */
const headingScales = [2, 1.5, 1.17, 1, 0.92, 0.83];

export function readParagraph(
  node: AstNode,
  context: PartContext,
  cell: CellText | undefined,
): ReadParagraph | undefined {
  const { annotations, numbering, overrides, styleMap, styles, theme } = context;
  const properties = annotations.paragraphs[Number(node.alignment)]?.properties;
  const style = styles.paragraph(propertyOf(properties, 'w:pStyle'));
  const direct = readParagraphFormat(properties, theme);
  const isDirectList = direct.numbering !== undefined;
  const list = mergeParagraph(style.paragraph, direct).numbering;
  const level = list && list.id !== '0' ? numbering.level(list.id, list.level) : undefined;
  const mapped = styleMap.paragraph(
    style,
    level && { level: list?.level ?? 0, isOrdered: level.format !== 'bullet' },
  );
  if (mapped?.isLeftOut) return undefined;
  const target = mapped?.heading ? headingStyle(mapped.heading, context) : style;
  const layers = [
    styles.defaults.paragraph,
    cell?.paragraph ?? {},
    isDirectList ? {} : (level?.paragraph ?? {}),
    target.paragraph,
    isDirectList ? (level?.paragraph ?? {}) : {},
    direct,
    mappedParagraph(mapped),
  ];
  let format: ParagraphFormat = defaultParagraph;
  for (const layer of layers) format = mergeParagraph(format, layer);
  if (overrides.lineHeight !== undefined)
    format = { ...format, line: { rule: 'auto', value: overrides.lineHeight } };
  const base = merge(
    defaultCharacters,
    styles.defaults.characters,
    cell?.characters,
    target.characters,
    mappedCharacters(mapped),
  );
  const markNode = child(properties, 'w:rPr');
  const mark = readCharacterFormat(markNode, theme);
  const counted = level && list ? numbering.next(list.id, list.level) : undefined;
  const paragraph: Paragraph = {
    kind: 'paragraph',
    inlines: createInlineReader(context, base).read(node.children ?? []),
    format,
    characters: override(merge(base, mark), context),
    list: counted && {
      ...counted,
      characters: override(
        merge(base, { ...mark, underline: 'none' }, counted.level.characters),
        context,
      ),
    },
    heading: mapped?.heading ?? headingOf(direct) ?? style.heading,
    styleId: style.id,
    endsSection: child(properties, 'w:sectPr') !== undefined,
  };
  return { paragraph, isJoined: child(markNode, 'w:del') !== undefined };
}

function headingOf({ outlineLevel }: Partial<ParagraphFormat>): number | undefined {
  return outlineLevel !== undefined && outlineLevel < 9 ? outlineLevel + 1 : undefined;
}

/** The look of a heading: the document's own, or that of a plain web page. */
function headingStyle(level: number, { styles }: PartContext) {
  const own = [`Heading${level}`, `heading ${level}`].map((id) => styles.paragraph(id));
  const found = own.find(({ heading }) => heading === level);
  if (found) return found;
  const size = styles.bodySize * (headingScales[level - 1] ?? 1);
  return {
    paragraph: { spaceBefore: size * 0.6, spaceAfter: size * 0.3, keepNext: true },
    characters: { size, isBold: true },
  };
}

function mappedParagraph(mapped: Mapped | undefined): Partial<ParagraphFormat> {
  return mapped?.tags.includes('blockquote') ? { indentLeft: 36, indentRight: 36 } : {};
}
