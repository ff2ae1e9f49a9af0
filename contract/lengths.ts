const pointsPerUnit = { mm: 72 / 25.4, cm: 72 / 2.54, in: 72, pt: 1, px: 0.75 } as const;

/** Converts a length such as `10mm` to points (1/72 inch). */
export function lengthToPoints(text: string): number {
  const unit = /[a-z]+$/.exec(text)?.[0] ?? 'px';
  return Number.parseFloat(text) * pointsPerUnit[unit as keyof typeof pointsPerUnit];
}
