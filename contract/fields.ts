import { z } from 'zod';

/** A length on a page: a number with mm, cm, in, pt or px; a bare number is px (1/96 inch). */
export const length = () =>
  z
    .string()
    .regex(/^\d{1,5}(\.\d{1,4})?(mm|cm|in|pt|px)?$/, 'Expected a length such as 10mm, 1in or 72pt.')
    .meta({ examples: ['10mm'] });

/** A colour as #rgb, #rrggbb or #rrggbbaa. */
export const color = () =>
  z
    .string()
    .regex(
      /^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$/,
      'Expected a colour such as #fff, #1a2b3c or #1a2b3c80.',
    )
    .meta({ format: 'color', examples: ['#ffffff'] });

/** Red, green, blue and alpha (0–255) of a {@link color}. */
export function colorToRgba(hex: string): [number, number, number, number] {
  const digits = hex.slice(1);
  const full = digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits;
  const byte = (at: number) => Number.parseInt(full.slice(at, at + 2), 16);
  return [byte(0), byte(2), byte(4), full.length === 8 ? byte(6) : 255];
}

/** The page grammar: `all`, `n`, `n-m`, `n-`, `last`, `odd`, `even`, `!n`; comma list, 1-based. */
export const pages = () =>
  z
    .string()
    .max(500)
    .regex(
      /^\s*!?(all|odd|even|last|[1-9]\d{0,5}(\s*-\s*([1-9]\d{0,5}|last)?)?)(\s*,\s*!?(all|odd|even|last|[1-9]\d{0,5}(\s*-\s*([1-9]\d{0,5}|last)?)?))*\s*$/,
      'Expected pages such as all, 1-3,5, 2-, last, odd, even or !4.',
    )
    .meta({ examples: ['all', '1-3,5', 'odd'] });
