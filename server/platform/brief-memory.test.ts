import { afterEach, expect, test, vi } from 'vitest';
import { rememberBriefly } from './brief-memory.ts';

afterEach(() => void vi.useRealTimers());

/** A source whose answers come when the test says so. */
function slowSource() {
  const answers: PromiseWithResolvers<string>[] = [];
  const memory = rememberBriefly(() => {
    const answer = Promise.withResolvers<string>();
    answers.push(answer);
    return answer.promise;
  });
  return { answers, memory };
}

test('however many ask at once, it is read once', async () => {
  const { answers, memory } = slowSource();
  const asked = Array.from({ length: 100 }, () => memory.get('a'));
  expect(answers).toHaveLength(1);
  answers[0]?.resolve('one');
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['one']));
  expect(await memory.get('a')).toBe('one');
  expect(answers).toHaveLength(1);
});

test('who asks after a change gets what was read after it', async () => {
  const { answers, memory } = slowSource();
  const before = memory.get('a');
  memory.forget('a');
  const after = memory.get('a');
  answers[1]?.resolve('new');
  answers[0]?.resolve('old');
  expect([await before, await after, await memory.get('a')]).toEqual(['old', 'new', 'new']);
});

test('a failure is not remembered, and those who wait for it all hear of it', async () => {
  const { answers, memory } = slowSource();
  const asked = [memory.get('a'), memory.get('a')];
  answers[0]?.reject(new Error('down'));
  for (const each of asked) await expect(each).rejects.toThrow('down');
  const again = memory.get('a');
  answers[1]?.resolve('up');
  expect(await again).toBe('up');
});

test('what is too old is read anew', async () => {
  vi.useFakeTimers();
  let reads = 0;
  const memory = rememberBriefly(async () => ++reads, 1_000);
  expect(await memory.get('a')).toBe(1);
  vi.setSystemTime(Date.now() + 999);
  expect(await memory.get('a')).toBe(1);
  vi.setSystemTime(Date.now() + 2);
  expect(await memory.get('a')).toBe(2);
  memory.set('a', 7);
  expect(await memory.get('a')).toBe(7);
});
