import { z } from 'zod';

/** A length on a page: a number with mm, cm, in, pt or px; a bare number is px (1/96 inch). */
export const length = () =>
  z
    .string()
    .regex(/^\d{1,5}(\.\d{1,4})?(mm|cm|in|pt|px)?$/, 'Expected a length such as 10mm, 1in or 72pt.')
    .meta({ examples: ['10mm'] });

const pointsPerUnit = { mm: 72 / 25.4, cm: 72 / 2.54, in: 72, pt: 1, px: 0.75 } as const;

/** Converts a {@link length} to points (1/72 inch). */
export function lengthToPoints(text: string): number {
  const unit = /[a-z]+$/.exec(text)?.[0] ?? 'px';
  return Number.parseFloat(text) * pointsPerUnit[unit as keyof typeof pointsPerUnit];
}

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

/**
 * Resolves the page grammar against a document, ascending and without doubles.
 *
 * @returns the page numbers, and the first explicit page past the end, if any
 */
export function resolvePages(
  text: string,
  pageCount: number,
): { pages: number[]; outOfRange?: number } {
  const terms = text.split(',').map((term) => term.trim());
  const wanted = new Set<number>();
  const onlyExcludes = terms.every((term) => term.startsWith('!'));
  if (onlyExcludes) for (let page = 1; page <= pageCount; page++) wanted.add(page);
  let outOfRange: number | undefined;
  // An exclusion counts wherever it stands in the list, so exclusions come last.
  const isExclusion = (term: string) => Number(term.startsWith('!'));
  const ordered = terms.toSorted((a, b) => isExclusion(a) - isExclusion(b));
  for (const term of ordered) {
    const excluded = term.startsWith('!');
    const [from, to, step] = pageSpan(excluded ? term.slice(1) : term, pageCount);
    const explicit = /\d/.test(term) ? Math.max(from, to) : 0;
    if (explicit > pageCount) outOfRange ??= from > pageCount ? from : to;
    for (let page = from; page <= Math.min(to, pageCount); page += step) {
      if (excluded) wanted.delete(page);
      else wanted.add(page);
    }
  }
  return { pages: [...wanted].sort((a, b) => a - b), outOfRange };
}

function pageSpan(term: string, pageCount: number): [from: number, to: number, step: number] {
  if (term === 'all') return [1, pageCount, 1];
  if (term === 'odd') return [1, pageCount, 2];
  if (term === 'even') return [2, pageCount, 2];
  if (term === 'last') return [pageCount, pageCount, 1];
  const [first, second] = term.split('-').map((part) => part.trim());
  const from = Number(first);
  if (second === undefined) return [from, from, 1];
  if (second === '' || second === 'last') return [from, Math.max(from, pageCount), 1];
  return [Math.min(from, Number(second)), Math.max(from, Number(second)), 1];
}
