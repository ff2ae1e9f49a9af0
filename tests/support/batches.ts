import { type BatchWithItems, batchWithItemsSchema } from '@nebula/contract/batch';
import { expect } from 'vitest';
import { bearer, call } from './callers.ts';
import { storeDirectly } from './files.ts';
import { noise, png } from './samples.ts';
import { newAccount } from './stack.ts';

const scopes = ['tools:run', 'jobs:read', 'jobs:write', 'files:read', 'usage:read'];

/** An account whose key may run batches of what it has stored. */
export const newBatchAccount = (plan: 'free' | 'pro' | 'enterprise' = 'enterprise') =>
  newAccount({ plan, scopes });

export const postBatch = (key: string, body: unknown) =>
  call('POST', '/batches', bearer(key), body);

/** Has a batch accepted. */
export async function acceptBatch(key: string, body: unknown): Promise<BatchWithItems> {
  const { headers, json, status, text } = await postBatch(key, body);
  expect(status, text).toBe(202);
  const batch = batchWithItemsSchema.strict().parse(json);
  expect(headers.get('location')).toBe(`/api/v1/batches/${batch.id}`);
  return batch;
}

export async function getBatch(key: string, id: string): Promise<BatchWithItems> {
  const { json, status, text } = await call('GET', `/batches/${id}`, bearer(key));
  expect(status, text).toBe(200);
  return batchWithItemsSchema.strict().parse(json);
}

/** The batch once all its jobs have ended. */
export async function batchEnd(key: string, id: string): Promise<BatchWithItems> {
  const status = async () => (await getBatch(key, id)).status;
  await expect.poll(status, { timeout: 50_000, interval: 200 }).not.toBe('processing');
  const batch = await getBatch(key, id);
  const { canceled, failed, open, succeeded } = batch.counts;
  expect(open).toBe(0);
  expect(succeeded + failed + canceled).toBe(batch.total);
  return batch;
}

/** How many items are in which state. */
export function statesOf({ items }: BatchWithItems): Record<string, number> {
  const states: Record<string, number> = {};
  for (const { status } of items) states[status] = (states[status] ?? 0) + 1;
  return states;
}

/** So many stored pictures. */
export async function storePhotos(accountId: string, count: number): Promise<string[]> {
  const bytes = await png(40, 30);
  const ids: string[] = [];
  for (let at = 0; at < count; at++) ids.push((await storeDirectly(accountId, bytes)).id);
  return ids;
}

/** A stored picture whose end is missing: it is a PNG by its first bytes alone. */
export const storeBroken = async (accountId: string): Promise<string> =>
  (await storeDirectly(accountId, (await noise(200, 200)).subarray(0, 200))).id;

/** Pages that keep a browser busy for so long. */
export const slowPages = (ids: string[], delayMs: number) => ({
  tool: 'html-to-pdf',
  options: { wait: { delay_ms: delayMs } },
  file_ids: ids,
});
