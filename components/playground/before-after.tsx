'use client';

import { useState } from 'react';

/** Two pictures over each other; the slider shows more of the one or the other. */
export function BeforeAfter({ after, before }: { after: string; before: string }) {
  const [share, setShare] = useState(50);
  return (
    <figure className="grid gap-2">
      <div className="relative overflow-hidden rounded-xl bg-[repeating-conic-gradient(var(--raised)_0_25%,var(--surface)_0_50%)] bg-[length:20px_20px]">
        {/* biome-ignore lint/performance/noImgElement: blobs of this page. */}
        <img src={after} alt="After" className="mx-auto max-h-[26rem] w-full object-contain" />
        {/* biome-ignore lint/performance/noImgElement: blobs of this page. */}
        <img
          src={before}
          alt="Before"
          className="absolute inset-0 size-full object-contain"
          style={{ clipPath: `inset(0 ${100 - share}% 0 0)` }}
        />
        <div className="absolute inset-y-0 w-0.5 bg-white shadow" style={{ left: `${share}%` }} />
      </div>
      <figcaption className="flex items-center gap-3 text-xs text-faint">
        Before
        <input
          type="range"
          min={0}
          max={100}
          value={share}
          aria-label="How much of the original is shown"
          className="flex-1 accent-(--accent)"
          onChange={(event) => setShare(Number(event.target.value))}
        />
        After
      </figcaption>
    </figure>
  );
}
