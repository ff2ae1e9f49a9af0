import type { Block, Paragraph } from '../parse/model.ts';
import type { Fragment } from './fragments.ts';
import type { LayoutContext } from './layout-context.ts';
import { layoutParagraph } from './layout-paragraph.ts';
import { layoutTable } from './layout-table.ts';

/** The fragments of paragraphs and tables that follow each other in a column of `width` points. */
export function layoutBlocks(
  blocks: readonly Block[],
  width: number,
  context: LayoutContext,
): Fragment[] {
  return blocks.flatMap((block, index) => {
    if (block.kind === 'table') return layoutTable(block, width, context, layoutBlocks);
    const above = blocks[index - 1];
    const below = blocks[index + 1];
    return layoutParagraph(
      block,
      width,
      {
        joinsAbove: sharesBorder(above, block),
        joinsBelow: sharesBorder(below, block),
        dropsBefore: block.format.isContextual && sharesStyle(above, block),
        dropsAfter: block.format.isContextual && sharesStyle(below, block),
      },
      context,
    );
  });
}

function sharesStyle(other: Block | undefined, paragraph: Paragraph): boolean {
  return other?.kind === 'paragraph' && other.styleId === paragraph.styleId;
}

/** Neighbours with equal borders are one box. */
function sharesBorder(other: Block | undefined, paragraph: Paragraph): boolean {
  if (other?.kind !== 'paragraph') return false;
  const { borders } = paragraph.format;
  if (!borders.top && !borders.bottom && !borders.left && !borders.right) return false;
  return (
    JSON.stringify(other.format.borders) === JSON.stringify(borders) &&
    other.format.indentLeft === paragraph.format.indentLeft
  );
}
