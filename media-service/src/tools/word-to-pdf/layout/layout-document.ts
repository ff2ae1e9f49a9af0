import type { WordDocument } from '../parse/model.ts';
import { createBands } from './bands.ts';
import { createFragment, type Fragment } from './fragments.ts';
import { layoutBlocks } from './layout-blocks.ts';
import type { LayoutContext } from './layout-context.ts';
import { type Flow, fillPages, type Page } from './pages.ts';

/** Lays out a whole document. */
export function layoutDocument(document: WordDocument, context: LayoutContext): Page[] {
  const { blocks, footnotes, sections } = document;
  const flows: Flow[] = [];
  let from = 0;
  for (const [index, parts] of sections.entries()) {
    const isLast = index === sections.length - 1;
    const end = isLast ? blocks.length : endOfSection(blocks, from);
    const { height, margin, width } = parts.section;
    const room = Math.max(24, width - margin.left - margin.right);
    const bands = createBands(document, parts, context);
    const fragments = layoutBlocks(blocks.slice(from, end), room, context);
    if (isLast) fragments.push(...layoutEndnotes(document, room, context));
    const top = Math.max(margin.top, bands.headerEnd());
    const bottom = Math.max(margin.bottom, bands.footerStart());
    // Bands that leave nothing of the page give way to the text.
    const isTight = height - top - bottom < 48;
    flows.push({
      parts,
      fragments,
      top: isTight ? Math.min(margin.top, height / 3) : top,
      bottom: isTight ? Math.min(margin.bottom, height / 3) : bottom,
      width: room,
    });
    from = end;
  }
  const noteLines = new Map<string, Fragment[]>();
  const noteOf = (id: string, width: number): Fragment[] => {
    const note = footnotes.get(id);
    if (!note) return [];
    const known = noteLines.get(`${id} ${width}`);
    if (known) return known;
    const lines = layoutNote(note, width, context);
    noteLines.set(`${id} ${width}`, lines);
    return lines;
  };
  return fillPages(flows, noteOf);
}

function endOfSection(blocks: WordDocument['blocks'], from: number): number {
  const at = blocks.findIndex(
    (block, index) => index >= from && block.kind === 'paragraph' && block.endsSection,
  );
  return at < 0 ? blocks.length : at + 1;
}

function layoutEndnotes(
  { endnotes }: WordDocument,
  width: number,
  context: LayoutContext,
): Fragment[] {
  if (endnotes.length === 0) return [];
  const rule = createFragment(10, [
    { type: 'line', x1: 0, x2: 144, y1: 4, y2: 4, width: 0.5, color: '#000000', style: 'single' },
  ]);
  return [{ ...rule, before: 12 }, ...endnotes.flatMap((note) => layoutNote(note, width, context))];
}

/** A note begins with its mark. */
function layoutNote(
  { blocks, mark }: WordDocument['endnotes'][number],
  width: number,
  context: LayoutContext,
): Fragment[] {
  const [first, ...others] = blocks;
  if (first?.kind !== 'paragraph') return layoutBlocks(blocks, width, context);
  const format = { ...first.characters, position: 'super' as const };
  const marked = {
    ...first,
    inlines: [{ kind: 'text' as const, text: mark, format }, ...first.inlines],
  };
  return layoutBlocks([marked, ...others], width, context);
}
