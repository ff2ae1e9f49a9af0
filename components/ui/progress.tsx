import { Progress as Radix } from 'radix-ui';

/** How far something is; without `percent` it is on its way and nobody knows how far. */
export function Progress({ label, percent }: { label: string; percent?: number }) {
  return (
    <div className="grid gap-2">
      <p className="text-sm text-soft">
        {label} {percent === undefined ? '…' : `${Math.round(percent)} %`}
      </p>
      <Radix.Root
        value={percent ?? null}
        aria-label={label}
        className="h-1.5 overflow-hidden rounded-full bg-raised"
      >
        <Radix.Indicator
          className={
            percent === undefined
              ? 'block h-full w-1/3 animate-pulse rounded-full bg-accent'
              : 'block h-full rounded-full bg-accent transition-[width]'
          }
          style={percent === undefined ? undefined : { width: `${percent}%` }}
        />
      </Radix.Root>
    </div>
  );
}
