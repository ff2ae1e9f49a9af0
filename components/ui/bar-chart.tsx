import { cn } from './class-names.ts';

/** One bar, stacked of what succeeded and what failed. */
export type Bar = { label: string; good: number; bad: number };

const hatched = 'bg-[repeating-linear-gradient(45deg,var(--bad)_0_2px,var(--bad-soft)_2px_5px)]';

/**
 * Bars over time. What failed is hatched, so that no colour is needed to tell it; each bar says its
 * figures on hover, and the whole is read out as one sentence.
 */
export function BarChart({ bars, label }: { bars: Bar[]; label: string }) {
  const most = Math.max(1, ...bars.map(({ bad, good }) => good + bad));
  const all = bars.reduce((sum, { bad, good }) => sum + good + bad, 0);
  const every = Math.ceil(bars.length / 7);
  const share = (count: number) => `${(count / most) * 100}%`;
  return (
    <figure className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <div role="img" aria-label={`${label}: ${all} in all, at most ${most} in one period`}>
        <div className="flex h-40 items-end gap-px border-b sm:gap-1">
          {bars.map(({ bad, good, label: name }) => (
            <div
              key={name}
              title={`${name}: ${good} succeeded, ${bad} failed`}
              className="flex h-full flex-1 flex-col justify-end hover:bg-raised"
            >
              <div className={cn('rounded-t-sm', hatched)} style={{ height: share(bad) }} />
              <div
                className={cn('bg-accent', bad === 0 && 'rounded-t-sm')}
                style={{ height: share(good) }}
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
          <span className="size-3 rounded-sm bg-accent" aria-hidden /> succeeded
        </span>
        <span className="flex items-center gap-1.5">
          <span className={cn('size-3 rounded-sm', hatched)} aria-hidden /> failed
        </span>
        <span className="ml-auto">at most {most.toLocaleString('en')}</span>
      </figcaption>
    </figure>
  );
}
