/** A share of a whole as a ring, with the figure in it. */
export function Ring({ label, part, whole }: { label: string; part: number; whole: number }) {
  const share = whole === 0 ? 0 : Math.min(1, part / whole);
  const around = 2 * Math.PI * 42;
  return (
    <svg viewBox="0 0 100 100" role="img" aria-label={label} className="size-32 shrink-0">
      <circle cx="50" cy="50" r="42" fill="none" stroke="var(--raised)" strokeWidth="9" />
      <circle
        cx="50"
        cy="50"
        r="42"
        fill="none"
        stroke={share >= 0.8 ? 'var(--bad)' : 'var(--accent)'}
        strokeWidth="9"
        strokeLinecap="round"
        strokeDasharray={`${share * around} ${around}`}
        transform="rotate(-90 50 50)"
      />
      <text
        x="50"
        y="50"
        textAnchor="middle"
        dominantBaseline="central"
        className="fill-ink text-[20px] font-semibold tabular-nums"
      >
        {Math.floor(share * 100)} %
      </text>
    </svg>
  );
}
