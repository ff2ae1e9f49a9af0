import type { CharacterFormat } from './formats.ts';
import type { DocumentContext } from './read-context.ts';
import type { Mapped } from './style-map.ts';

/** What the tags of a rule do to characters. */
export function mappedCharacters(mapped: Mapped | undefined): Partial<CharacterFormat> {
  const has = (...tags: string[]) => mapped?.tags.some((tag) => tags.includes(tag)) || undefined;
  return {
    isBold: has('strong', 'b'),
    isItalic: has('em', 'i'),
    underline: has('u') && 'single',
    isStruck: has('s', 'del'),
    position: has('sup') ? 'super' : has('sub') && 'sub',
    font: has('pre', 'code') && 'Courier New',
  };
}

/** What the caller wants instead comes last. */
export function override(format: CharacterFormat, { overrides }: DocumentContext): CharacterFormat {
  const { font, scale } = overrides;
  if (font === undefined && scale === 1) return format;
  return {
    ...format,
    font: font ?? format.font,
    size: format.size * scale,
    complexSize: format.complexSize && format.complexSize * scale,
  };
}
