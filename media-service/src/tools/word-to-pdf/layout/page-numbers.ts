import { defaultCharacters } from '../parse/formats.ts';
import type { Section } from '../parse/sections.ts';
import type { Op } from './fragments.ts';
import type { LayoutContext } from './layout-context.ts';

const size = 9;

/** The number that `page_numbers` asks for, in the middle of the margin. */
export function layoutPageNumber(
  text: string,
  place: string,
  { height, margin, width }: Section,
  { fonts }: LayoutContext,
): Op {
  const face = fonts.primary({ ...defaultCharacters, font: 'Arial' });
  const own = face.widthOf(text) * size;
  const x = place.endsWith('left')
    ? margin.left
    : place.endsWith('right')
      ? width - margin.right - own
      : (width - own) / 2;
  const distance = (side: number) => Math.max(14, side / 2);
  const y = place.startsWith('top') ? distance(margin.top) : height - distance(margin.bottom) + 3;
  return { type: 'text', x, y, text, face, size, color: '#444444', spacing: 0 };
}
