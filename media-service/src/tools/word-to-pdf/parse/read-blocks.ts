import type { Block } from './model.ts';
import type { CellText, PartContext } from './read-context.ts';
import { readParagraph } from './read-paragraph.ts';
import { readTable } from './read-table.ts';
import type { AstNode } from './run-mammoth.ts';

/** Reads paragraphs and tables, as they follow each other in a body, a cell, a note or a band. */
export function readBlocks(
  nodes: readonly AstNode[],
  context: PartContext,
  cell?: CellText,
): Block[] {
  const blocks: Block[] = [];
  let joined: Extract<Block, { kind: 'paragraph' }>['inlines'] = [];
  for (const node of nodes) {
    if (node.type === 'table') blocks.push(readTable(node, context, readBlocks));
    if (node.type !== 'paragraph') continue;
    const read = readParagraph(node, context, cell);
    if (!read) continue;
    if (read.isJoined) {
      joined.push(...read.paragraph.inlines);
      continue;
    }
    if (joined.length > 0) read.paragraph.inlines.unshift(...joined);
    joined = [];
    blocks.push(read.paragraph);
  }
  return blocks;
}
