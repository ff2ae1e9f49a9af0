import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startLooker, wakeLooker } from './looker.ts';

const busyMilliseconds = 2_000;
const idleMilliseconds = 10_000;

let stop: () => Promise<void>;
beforeEach(() => {
  vi.useFakeTimers();
  // What fails is logged, and the log knows its level from the environment.
  vi.stubEnv('LOG_LEVEL', 'silent');
  vi.stubEnv('AUTH_SECRET', 'x'.repeat(32));
  vi.stubEnv('MEDIA_TOKEN', 'x'.repeat(32));
});
afterEach(async () => {
  await stop();
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** A looker whose looks are counted; each answers what `answer` says. */
function start(answer: () => number | undefined | Promise<number | undefined>) {
  const looks: number[] = [];
  const began = Date.now();
  const look = async () => {
    looks.push(Date.now() - began);
    return answer();
  };
  stop = startLooker({ name: 'test', look, busyMilliseconds, idleMilliseconds }).stop;
  return looks;
}

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

test('it looks at once, and rarely while there is nothing', async () => {
  const looks = start(() => undefined);
  await pass(30_000);
  expect(looks).toEqual([0, 10_000, 20_000, 30_000]);
});

test('it looks often while there is something, and for a while after it', async () => {
  let isThere = true;
  const looks = start(() => (isThere ? Date.now() : undefined));
  await pass(4_000);
  isThere = false;
  await pass(26_000);
  expect(looks).toEqual([0, 2_000, 4_000, 6_000, 8_000, 10_000, 12_000, 14_000, 24_000]);
});

test('what it has seen is looked for in the moment at which it is due', async () => {
  const due = Date.now() + 7_300;
  const looks = start(() => (Date.now() < due ? due : undefined));
  await pass(7_300);
  expect(looks).toEqual([0, 7_300]);
});

test('what is due far ahead does not keep it from looking', async () => {
  const due = Date.now() + 60_000;
  const looks = start(() => due);
  await pass(20_000);
  expect(looks).toEqual([0, 10_000, 20_000]);
});

test('woken, it looks soon, and often for a while: a row may come after its call', async () => {
  const looks = start(() => undefined);
  await pass(5_000);
  wakeLooker('test');
  await pass(5_000);
  expect(looks).toEqual([0, 5_050, 7_050, 9_050]);
});

test('woken a hundred times at once, it looks once; woken in a look, once more', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let isFirst = true;
  const looks = start(() => {
    const answer = isFirst ? promise : undefined;
    isFirst = false;
    return answer;
  });
  for (let count = 0; count < 100; count++) wakeLooker('test');
  await pass(1_000);
  expect(looks).toEqual([0]);
  resolve(undefined);
  await pass(1_000);
  expect(looks).toEqual([0, 1_200]);
});

test('woken for a later moment, it looks then and not before', async () => {
  const looks = start(() => undefined);
  await pass(1_000);
  wakeLooker('test', Date.now() + 3_000);
  await pass(4_000);
  expect(looks).toEqual([0, 4_000]);
});

test('a look that fails is made again like one that found something', async () => {
  let isDown = true;
  const looks = start(() => {
    if (isDown) throw new Error('The database is away.');
    return undefined;
  });
  await pass(2_000);
  isDown = false;
  await pass(2_000);
  expect(looks).toEqual([0, 2_000, 4_000]);
});

test('once stopped it looks no more, and to wake it does nothing', async () => {
  const looks = start(() => undefined);
  await stop();
  wakeLooker('test');
  await pass(60_000);
  expect(looks).toEqual([0]);
});
