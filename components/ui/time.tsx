'use client';

import { useEffect, useState } from 'react';

const steps: [seconds: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60, 'second'],
  [3600, 'minute'],
  [86_400, 'hour'],
  [2_592_000, 'day'],
  [31_536_000, 'month'],
];

/** How long ago or ahead a moment is, with the moment itself on hover. */
export function Time({ at }: { at: string }) {
  // The server's clock and zone are not the reader's: the distance is drawn in the browser.
  const [text, setText] = useState(at.slice(0, 10));
  useEffect(() => setText(distance(at)), [at]);
  return (
    <time dateTime={at} title={at} className="whitespace-nowrap">
      {text}
    </time>
  );
}

function distance(at: string): string {
  const seconds = (Date.parse(at) - Date.now()) / 1000;
  const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  let divisor = 1;
  for (const [limit, unit] of steps) {
    if (Math.abs(seconds) < limit) return format.format(Math.trunc(seconds / divisor), unit);
    divisor = limit;
  }
  return format.format(Math.trunc(seconds / divisor), 'year');
}
