import { constants, PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { noteBody } from './body-buffers.ts';

type Collection = PerformanceEntry & { detail: { kind: number } };

test('each 8 MB of a body are followed by a collection of what is young', async () => {
  const kinds: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries() as Collection[]) kinds.push(detail.kind);
  });
  observer.observe({ entryTypes: ['gc'] });
  for (let megabyte = 0; megabyte < 80; megabyte++) noteBody(1024 ** 2);
  await delay(20);
  observer.disconnect();
  const young = kinds.filter((kind) => kind === constants.NODE_PERFORMANCE_GC_MINOR);
  expect(young.length).toBeGreaterThanOrEqual(10);
});
