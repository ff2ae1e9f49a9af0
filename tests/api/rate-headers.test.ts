import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { bearer, call, sessionOf } from '../support/callers.ts';
import { newAccount } from '../support/stack.ts';

const { redis, redisReady } = await import('#server/platform/redis.ts');
beforeAll(() => redisReady());
afterEach(() => vi.useRealTimers());

/** Lets so many seconds of the minute of some callers pass. */
async function pass(seconds: number, ...callers: string[]): Promise<void> {
  for (const caller of callers) {
    const left = await redis().pttl(`rate:${caller}`);
    if (left > 0) await redis().pexpire(`rate:${caller}`, left - seconds * 1000);
  }
}

const ask = (key: string) => call('GET', '/usage', bearer(key));

/** Calls as often as the headers let it, and waits as long as they say. */
function obedient(key: string, ...limits: string[]): () => Promise<number> {
  let wait = 0;
  return async () => {
    await pass(wait, ...limits);
    const { headers, status } = await ask(key);
    const [, left, reset] = /r=(\d+);t=(\d+)$/.exec(headers.get('ratelimit') ?? '') ?? [];
    wait = left === '0' ? Number(reset) : 0;
    return status;
  };
}

/** A key that may call ten times a minute. */
async function tenAMinute() {
  const { id, key } = await newAccount({ mode: 'test' });
  return { key, limit: `test:${id}` };
}

test('a client that obeys the headers is never refused', async () => {
  const { key, limit } = await tenAMinute();
  const next = obedient(key, limit);
  for (let calls = 0; calls < 35; calls++) expect(await next()).toBe(200);
});

test('nor where two limits are used up at once: it is told of the one that goes on later', async () => {
  const { id, key: other } = await newAccount();
  const session = await sessionOf(id);
  const { json } = await call('POST', '/api-keys', session, { name: 'x', requests_per_minute: 5 });
  const [account, ofKey] = [`account:${id}`, `key:${json.id}`];
  await pass(40, account);
  const next = obedient(json.key, account, ofKey);
  expect(await next()).toBe(200);
  // The minute of the account is over, and that of the key has 35 seconds more.
  await pass(25, account, ofKey);
  for (let calls = 0; calls < 16; calls++) expect((await ask(other)).status).toBe(200);
  for (let calls = 0; calls < 12; calls++) expect(await next()).toBe(200);
});

test('after Retry-After the next call is answered', async () => {
  const { key, limit } = await tenAMinute();
  const statuses = await Promise.all(
    Array.from({ length: 12 }, async () => (await ask(key)).status),
  );
  expect(statuses.filter((status) => status === 200)).toHaveLength(10);
  const { headers, status } = await ask(key);
  expect(status).toBe(429);
  await pass(Number(headers.get('retry-after')), limit);
  expect((await ask(key)).status).toBe(200);
});

test('a process whose clock is an hour ahead or behind counts in the same minute as the others', async () => {
  const { countRequest } = await import('#server/platform/rate-limiter.ts');
  const { key, limit } = await tenAMinute();
  for (let calls = 0; calls < 10; calls++) expect((await ask(key)).status).toBe(200);
  for (const step of [3_600_000, -3_600_000]) {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + step });
    const { allowed, resetSeconds } = await countRequest(limit, 10);
    vi.useRealTimers();
    expect(allowed).toBe(false);
    expect(resetSeconds).toBeLessThanOrEqual(60);
    expect((await ask(key)).status).toBe(429);
  }
  await pass(60, limit);
  expect((await ask(key)).status).toBe(200);
});
