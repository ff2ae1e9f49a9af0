import { afterAll, beforeAll, expect, test } from 'vitest';
import { moveElsewhere, sessionOf } from '../support/callers.ts';
import { expectProblem } from '../support/problem.ts';
import { startSecondWeb } from '../support/second-web.ts';
import { newAccount, stack } from '../support/stack.ts';

let alone: Awaited<ReturnType<typeof startSecondWeb>>;
beforeAll(async () => {
  alone = await startSecondWeb({ REDIS_URL: 'redis://127.0.0.1:9', WORKER_CONCURRENCY: '0' });
});
afterAll(() => alone.stop());

test('a process that cannot reach Redis lets half the rate pass, and no more', async () => {
  const { key } = await newAccount();
  const headers = { authorization: `Bearer ${key}` };
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => fetch(`${alone.api}/usage`, { headers })),
  );
  const refused = answers.filter(({ status }) => status === 429);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
  expect(refused).toHaveLength(30);
  const [first] = refused;
  if (!first) throw new Error('nobody was refused');
  expectProblem(first, await first.text(), 'rate_limited');
  expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(0);
});

test('a process that cannot reach Redis runs no more at once than the plan allows', async () => {
  const { key } = await newAccount();
  const delayMs = 1_500;
  const startedAt = performance.now();
  const statuses = await Promise.all(
    [1, 2].map(async () => {
      const answer = await fetch(`${alone.api}/tools/html-to-pdf`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ html: 'x', cache: false, wait: { delay_ms: delayMs } }),
      });
      await answer.arrayBuffer();
      return answer.status;
    }),
  );
  expect(statuses.every((status) => status === 200 || status === 429)).toBe(true);
  // One after the other: each of them took its whole delay.
  if (statuses.every((status) => status === 200))
    expect(performance.now() - startedAt).toBeGreaterThan(2 * delayMs);
});

/** Asks for one thing many times in one request of the dashboard. */
async function batch(calls: number) {
  moveElsewhere();
  const { id } = await newAccount();
  const names = Array(calls).fill('billing.current').join(',');
  const url = `http://127.0.0.1:${new URL(stack.url).port}/api/trpc/${names}?batch=1`;
  const response = await fetch(url, { headers: await sessionOf(id) });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

test('a batch of ten calls counts as ten; of eleven or of 10,000 not one is answered', async () => {
  const ten = await batch(10);
  expect(ten.status).toBe(200);
  expect(JSON.parse(ten.text)).toHaveLength(10);
  expect(ten.headers.get('x-ratelimit-remaining')).toBe('590');
  for (const calls of [11, 1_000, 10_000]) {
    const { status, text } = await batch(calls);
    expect([400, 413, 431]).toContain(status);
    expect(text).not.toContain('"result"');
  }
});
