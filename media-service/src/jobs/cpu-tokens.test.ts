import { expect, test } from 'vitest';
import { createCpuTokens } from './cpu-tokens.ts';

const never = new AbortController().signal;

test('a job that needs two tokens is not overtaken by those that need one', async () => {
  const tokens = createCpuTokens(2);
  const order: string[] = [];
  const first = await tokens.acquire(1, never);
  const video = tokens.acquire(2, never).then((release) => {
    order.push('video');
    return release;
  });
  const small = tokens.acquire(1, never).then((release) => {
    order.push('small');
    return release;
  });
  expect(tokens.sizes()).toEqual({ total: 2, free: 1, waiting: 2 });
  first();
  (await video)();
  (await small)();
  expect(order).toEqual(['video', 'small']);
  expect(tokens.sizes()).toEqual({ total: 2, free: 2, waiting: 0 });
});

test('a job that wants more tokens than there are gets all of them', async () => {
  const tokens = createCpuTokens(2);
  const release = await tokens.acquire(8, never);
  expect(tokens.sizes().free).toBe(0);
  release();
  expect(tokens.sizes().free).toBe(2);
});

test('an aborted head of the line lets the next one in', async () => {
  const tokens = createCpuTokens(2);
  const held = await tokens.acquire(1, never);
  const controller = new AbortController();
  const video = tokens.acquire(2, controller.signal).catch((error: unknown) => error);
  const small = tokens.acquire(1, never);
  controller.abort(new Error('gone'));
  expect(await video).toEqual(new Error('gone'));
  (await small)();
  held();
  expect(tokens.sizes()).toEqual({ total: 2, free: 2, waiting: 0 });
});

test('tokens that are given back twice count once', async () => {
  const tokens = createCpuTokens(2);
  const release = await tokens.acquire(1, never);
  release();
  release();
  expect(tokens.sizes().free).toBe(2);
});
