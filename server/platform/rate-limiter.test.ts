import { afterEach, beforeAll, expect, test, vi } from 'vitest';

const hour = 60 * 60 * 1000;

let countRequest: typeof import('./rate-limiter.ts')['countRequest'];
beforeAll(async () => {
  Object.assign(process.env, {
    AUTH_SECRET: 'a'.repeat(32),
    MEDIA_TOKEN: 'b'.repeat(32),
    // Nobody listens there.
    REDIS_URL: 'redis://127.0.0.1:9',
  });
  ({ countRequest } = await import('./rate-limiter.ts'));
});
afterEach(() => vi.useRealTimers());

test.each([
  ['forward', hour],
  ['backward', -hour],
])(
  'without Redis a clock that is set an hour %s neither opens the minute nor lengthens it',
  async (way, step) => {
    for (let calls = 0; calls < 5; calls++)
      expect(await countRequest(way, 10)).toMatchObject({ allowed: true, remaining: 4 - calls });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + step });
    for (let calls = 0; calls < 3; calls++) {
      const { allowed, remaining, resetSeconds } = await countRequest(way, 10);
      expect([allowed, remaining]).toEqual([false, 0]);
      expect(resetSeconds).toBeGreaterThan(0);
      expect(resetSeconds).toBeLessThanOrEqual(60);
    }
  },
);

test('without Redis the next minute is open, wherever the clock was set to in the one before', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  while ((await countRequest('next', 10)).allowed);
  vi.setSystemTime(Date.now() - hour);
  vi.advanceTimersByTime(60_001);
  expect(await countRequest('next', 10)).toMatchObject({ allowed: true, remaining: 4 });
});
