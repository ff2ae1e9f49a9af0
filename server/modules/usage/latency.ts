/** Upper ends of the classes of latency, in milliseconds; longer calls are in a class of their own. */
const bounds = [
  5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 7_500,
  10_000, 15_000, 20_000, 30_000, 60_000, 120_000, 300_000,
] as const;

/** Name of a class: a counter of its own, so that racing calls add up exactly. */
export type LatencyClass = `ms${(typeof bounds)[number]}` | 'msOver';

/** Calls by their latency. */
export type Latencies = Partial<Record<LatencyClass, number>>;

const classes: readonly LatencyClass[] = [
  ...bounds.map((bound) => `ms${bound}` as const),
  'msOver',
];

/** The counters as attributes of an entity. */
export const latencyAttributes = Object.fromEntries(
  classes.map((name) => [name, { type: 'number' }]),
) as Record<LatencyClass, { type: 'number' }>;

/** The class that a call counts in. */
export function latencyClassOf(milliseconds: number): LatencyClass {
  const bound = bounds.find((each) => milliseconds <= each);
  return bound === undefined ? 'msOver' : `ms${bound}`;
}

/** The counters of a row that may have others beside them. */
export function latenciesOf(row: Latencies): Latencies {
  return Object.fromEntries(classes.map((name) => [name, row[name] ?? 0]));
}

/**
 * The latency that so many per cent of the calls stay within, in milliseconds: exact to the width
 * of a class, inside which calls are taken as evenly spread. Null without calls.
 */
export function percentileOf(latencies: Latencies, percent: number): number | null {
  const counts = classes.map((name) => latencies[name] ?? 0);
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  const wanted = (all * percent) / 100;
  let seen = 0;
  for (const [at, count] of counts.entries()) {
    if (count > 0 && seen + count >= wanted) {
      const from = bounds[at - 1] ?? 0;
      const to = bounds[at] ?? from;
      return Math.round(from + ((to - from) * (wanted - seen)) / count);
    }
    seen += count;
  }
  return bounds.at(-1) ?? null;
}
