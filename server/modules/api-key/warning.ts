const dayMilliseconds = 24 * 60 * 60 * 1000;

/** So long before its end the owner of a key hears of it. */
const warnings = [7 * dayMilliseconds, dayMilliseconds];

type Warning = { watch: 'expiring'; warnAt: number };

/**
 * When the owner of a key is to be told next that it ends, as a change of its row. Nobody is told
 * of an end that was chosen nearer than that.
 */
export function nextWarning(
  validUntil: number | undefined,
  now: number,
): { set: Partial<Warning>; remove: (keyof Warning)[] } {
  const warnAt = warnings.map((before) => (validUntil ?? 0) - before).find((at) => at > now);
  return warnAt === undefined
    ? { set: {}, remove: ['watch', 'warnAt'] }
    : { set: { watch: 'expiring', warnAt }, remove: [] };
}
