import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import '../support/stack.ts';

const { countRequest } = await import('#server/platform/rate-limiter.ts');

test('the first calls of a process that has just begun have the whole rate', async () => {
  const caller = randomUUID();
  const states = await Promise.all([1, 2, 3].map(() => countRequest(caller, 60)));
  expect(states.map(({ remaining }) => remaining)).toEqual([59, 58, 57]);
});
