import { expect, test } from 'vitest';
import { createBoundedQueue } from './password-queue.ts';

/** Work that goes on until it is told to end. */
function startWork() {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { work: () => promise, end: () => resolve('done') };
}

test('of a hundred at once, those with a place run in turn and the others are refused at once', async () => {
  const queue = createBoundedQueue({ atOnce: 2, waiting: 3 });
  const { end, work } = startWork();
  let running = 0;
  let most = 0;
  const asked = Array.from({ length: 100 }, () =>
    queue(async () => {
      most = Math.max(most, ++running);
      await work();
      running--;
    }).then(
      () => 'done',
      (error: { code: string; details: object }) => [error.code, error.details],
    ),
  );
  const refused = await Promise.all(asked.slice(5));
  expect(new Set(refused.map((each) => JSON.stringify(each))).size).toBe(1);
  expect(refused[0]).toEqual(['queue_full', { retryAfterSeconds: 2 }]);
  end();
  expect(await Promise.all(asked.slice(0, 5))).toEqual(Array(5).fill('done'));
  expect(most).toBe(2);
});

test('work that fails gives its place back', async () => {
  const queue = createBoundedQueue({ atOnce: 1, waiting: 0 });
  const failing = () => Promise.reject(new Error('broken'));
  await expect(queue(failing)).rejects.toThrow('broken');
  expect(await queue(async () => 'next')).toBe('next');
});
