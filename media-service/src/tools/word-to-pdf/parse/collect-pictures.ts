import type { Block, Picture, WordDocument } from './model.ts';

/** Every picture of a document, wherever it stands. */
export function collectPictures({
  blocks,
  endnotes,
  footnotes,
  sections,
}: WordDocument): Picture[] {
  const bands = sections.flatMap(({ footers, headers }) => [
    ...Object.values(headers),
    ...Object.values(footers),
  ]);
  const notes = [...footnotes.values(), ...endnotes].map((note) => note.blocks);
  return [blocks, ...bands, ...notes].flatMap(picturesOf);
}

function picturesOf(blocks: readonly Block[]): Picture[] {
  return blocks.flatMap((block) => {
    if (block.kind === 'table')
      return block.rows.flatMap(({ cells }) => cells.flatMap((cell) => picturesOf(cell.blocks)));
    return block.inlines.flatMap((inline) => (inline.kind === 'image' ? [inline.image] : []));
  });
}
