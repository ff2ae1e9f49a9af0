import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const page = readFileSync('docs/image-match-calibration.md', 'utf8');

/** The numbers of the first place that fits, in order. */
function numbersOf(pattern: RegExp): number[] {
  const found = pattern.exec(page);
  expect(found, `${pattern} on the page`).not.toBeNull();
  return (found ?? []).slice(1).map(Number);
}

test('the published calibration of image-match is within its bounds', () => {
  const [duplicates, pairs = 0] = numbersOf(/^(\d+) of (\d+) were called duplicate\.$/m);
  expect(duplicates).toBe(0);
  expect(pairs).toBeGreaterThanOrEqual(2_000);
  const [area, recall, mistakes] = numbersOf(
    /^\| \*\*all together\*\* \| ([\d.]+) \| ([\d.]+) \| (\d+) of \d+ \|/m,
  );
  expect(area).toBeGreaterThanOrEqual(0.97);
  expect(recall).toBeGreaterThanOrEqual(0.95);
  expect(mistakes).toBe(0);
});
