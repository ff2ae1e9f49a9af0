import { cn } from './class-names.ts';

/** One bar, stacked of two parts: what succeeded and what failed, unless the chart names others. */
export type Bar = { label: string; good: number; bad: number };

/** What the parts of a bar are, and how their figures are read. */
export type BarFacts = {
  names: readonly [good: string, bad?: string];
  /** Whether the second part is bad news. */
  isBad?: boolean;
  /** Whether the second figure holds the first: the bar ends at it. */
  isWithin?: boolean;
  format: (figure: number) => string;
};

/** Calls by their outcome. */
export const outcomes: BarFacts = {
  names: ['succeeded', 'failed'],
  isBad: true,
  format: (figure) => figure.toLocaleString('en'),
};

const hatches = {
  bad: 'bg-[repeating-linear-gradient(45deg,var(--bad)_0_2px,var(--bad-soft)_2px_5px)]',
  plain: 'bg-[repeating-linear-gradient(45deg,var(--accent)_0_2px,var(--accent-soft)_2px_5px)]',
};

/**
 * Bars over time. The second part is hatched, so that no colour is needed to tell it; each bar says its
 * figures on hover, and the whole is read out as one sentence.
 */
export function BarChart({
  bars,
  facts = outcomes,
  label,
}: {
  bars: Bar[];
  facts?: BarFacts;
  label: string;
}) {
  const { format, isBad, isWithin } = facts;
  const [good, bad] = facts.names;
  const hatched = hatches[isBad ? 'bad' : 'plain'];
  const restOf = (bar: Bar) => (isWithin ? Math.max(0, bar.bad - bar.good) : bar.bad);
  const most = Math.max(1, ...bars.map((bar) => bar.good + restOf(bar)));
  const every = Math.ceil(bars.length / 7);
  const share = (count: number) => `${(count / most) * 100}%`;
  return (
    <figure className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <div role="img" aria-label={`${label}: at most ${format(most)} in one period`}>
        <div className="flex h-40 items-end gap-px border-b sm:gap-1">
          {bars.map((bar) => (
            <div
              key={bar.label}
              title={titleOf(bar, facts)}
              className="flex h-full flex-1 flex-col justify-end hover:bg-raised"
            >
              <div className={cn('rounded-t-sm', hatched)} style={{ height: share(restOf(bar)) }} />
              <div
                className={cn('bg-accent', restOf(bar) === 0 && 'rounded-t-sm')}
                style={{ height: share(bar.good) }}
              />
            </div>
          ))}
        </div>
        <div className="mt-1.5 flex justify-between text-[11px] text-faint tabular-nums">
          {bars.map(
            ({ label: name }, at) =>
              (bars.length - 1 - at) % every === 0 && <span key={name}>{name.slice(5)}</span>,
          )}
        </div>
      </div>
      <figcaption className="flex flex-wrap gap-4 text-xs text-soft">
        <span className="flex items-center gap-1.5">
          <span className="size-3 rounded-sm bg-accent" aria-hidden /> {good}
        </span>
        {bad && (
          <span className="flex items-center gap-1.5">
            <span className={cn('size-3 rounded-sm', hatched)} aria-hidden /> {bad}
          </span>
        )}
        <span className="ml-auto">at most {format(most)}</span>
      </figcaption>
    </figure>
  );
}

function titleOf({ bad, good, label }: Bar, { format, names }: BarFacts): string {
  const second = names[1] === undefined ? '' : `, ${format(bad)} ${names[1]}`;
  return `${label}: ${format(good)} ${names[0]}${second}`;
}
