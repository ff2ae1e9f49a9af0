import { createHash } from 'node:crypto';
import type { ErrorCode } from '@nebula/contract/errors';
import { jobSchema } from '@nebula/contract/job';
import { beforeAll, describe, expect, test } from 'vitest';
import { endKeys, endLeases } from '../support/idempotency.ts';
import { expectProblem } from '../support/problem.ts';
import { leaveCalls, quotaLeft } from '../support/quota.ts';
import { jpeg } from '../support/samples.ts';
import { newAccount, postForm, postJson } from '../support/stack.ts';

let account: string;
let key: string;
let photo: Blob;
beforeAll(async () => {
  ({ id: account, key } = await newAccount({ plan: 'pro' }));
  photo = new Blob([new Uint8Array(await jpeg(300, 200))]);
});

let made = 0;
const newKey = () => `order-${Date.now()}-${made++}`;
const fresh = { cache: 'false' };
const sha = async (response: Response) =>
  createHash('sha256')
    .update(Buffer.from(await response.arrayBuffer()))
    .digest('hex');
const resize = (idempotencyKey: string, fields = {}, headers = {}) =>
  postForm(
    'image-resize',
    key,
    { file: photo, width: '40', ...fresh, ...fields },
    { 'idempotency-key': idempotencyKey, ...headers },
  );

async function expectRefusal(response: Response, code: ErrorCode, param: string): Promise<void> {
  const problem = expectProblem(response, await response.text(), code);
  expect(problem.param).toBe(param);
}

describe('an Idempotency-Key', () => {
  test('gives an equal request the first answer, and charges once', async () => {
    const id = newKey();
    const before = await quotaLeft(account);
    const first = await resize(id);
    expect(first.status).toBe(200);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    const again = await resize(id);
    expect(again.status).toBe(200);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    for (const name of ['content-type', 'content-disposition', 'x-nebula-sha256', 'x-nebula-units'])
      expect(again.headers.get(name)).toBe(first.headers.get(name));
    expect(await sha(again)).toBe(await sha(first));
    expect(before - (await quotaLeft(account))).toBe(1);
  });

  test('gives a ZIP again, byte for byte', async () => {
    const id = newKey();
    const variants = JSON.stringify([{ width: 10 }, { width: 20 }]);
    const call = () =>
      postForm('image-resize', key, { file: photo, variants, ...fresh }, { 'idempotency-key': id });
    const first = await sha(await call());
    const again = await call();
    expect(again.headers.get('content-type')).toBe('application/zip');
    expect(await sha(again)).toBe(first);
  });

  test('gives a job again with the same ids, and addresses that work', async () => {
    const id = newKey();
    const accept = { accept: 'application/json' };
    const first = jobSchema.parse(await (await resize(id, {}, accept)).json());
    const again = jobSchema.parse(await (await resize(id, {}, accept)).json());
    expect(again.id).toBe(first.id);
    expect(again.files.map((file) => file.id)).toEqual(first.files.map((file) => file.id));
    expect(await sha(await fetch(again.files[0]?.url ?? ''))).toBe(first.files[0]?.sha256);
  });

  test('is refused for another body, another file and another option', async () => {
    const id = newKey();
    expect((await resize(id)).status).toBe(200);
    const other = new Blob([new Uint8Array(await jpeg(301, 200))]);
    for (const change of [{ width: '41' }, { file: other }]) {
      const response = await resize(id, change);
      await expectRefusal(response, 'invalid_input', 'Idempotency-Key');
    }
  });

  test('belongs to one account and one route', async () => {
    const id = newKey();
    expect((await resize(id)).status).toBe(200);
    const headers = { 'idempotency-key': id };
    const page = await postJson('html-to-pdf', key, { html: '<p>x', cache: false }, headers);
    expect(page.status).toBe(200);
    expect(page.headers.get('idempotency-replayed')).toBeNull();
    const stranger = await newAccount();
    const theirs = await postForm(
      'image-resize',
      stranger.key,
      { file: photo, width: '40' },
      headers,
    );
    expect(theirs.headers.get('idempotency-replayed')).toBeNull();
    await theirs.arrayBuffer();
  });

  test('lets one of many through at a time, and charges one call for all', async () => {
    const id = newKey();
    const before = await quotaLeft(account);
    const answers = await Promise.all(Array.from({ length: 12 }, () => resize(id)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.every((status) => status === 200 || status === 409)).toBe(true);
    const runs = answers.filter(
      ({ headers, status }) => status === 200 && !headers.has('idempotency-replayed'),
    );
    expect(runs).toHaveLength(1);
    for (const { headers, status } of answers)
      if (status === 409) expect(headers.get('retry-after')).toBe('1');
    expect(before - (await quotaLeft(account))).toBe(1);
  });

  test('keeps an error that lies in the request', async () => {
    const id = newKey();
    const broken = { file: new Blob(['no picture']) };
    await expectRefusal(await resize(id, broken), 'unsupported_input', 'file');
    // The body was refused while it was read, so nothing was claimed; a good one takes the key.
    expect((await resize(id)).status).toBe(200);
    const unreachable = newKey();
    const tooSmall = { width: '250', max_bytes: '256', format: 'png' };
    const first = await resize(unreachable, tooSmall);
    await expectRefusal(first, 'target_unreachable', 'max_bytes');
    const again = await resize(unreachable, tooSmall);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    await expectRefusal(again, 'target_unreachable', 'max_bytes');
  });

  test('gives its answer also when no call is left', async () => {
    const poor = await newAccount();
    await leaveCalls(poor.id, 1);
    const id = newKey();
    const call = (idempotencyKey: string) =>
      postForm(
        'image-resize',
        poor.key,
        { file: photo, width: '40', ...fresh },
        { 'idempotency-key': idempotencyKey },
      );
    const first = await sha(await call(id));
    expect(await sha(await call(id))).toBe(first);
    const other = await call(newKey());
    expectProblem(other, await other.text(), 'quota_exceeded');
  });

  test('passes on when its owner has died, and the dead one changes nothing', async () => {
    const id = newKey();
    const slow = { html: '<p>x', cache: false, wait: { delay_ms: 4000 } };
    const call = () => postJson('html-to-pdf', key, slow, { 'idempotency-key': id });
    const first = call();
    await expect.poll(() => endLeases(account), { timeout: 30_000, interval: 20 }).toBe(1);
    const second = await call();
    expect(second.status).toBe(200);
    expect(second.headers.get('idempotency-replayed')).toBeNull();
    expect((await first).status).toBe(200);
    const third = await call();
    expect(third.headers.get('idempotency-replayed')).toBe('true');
    expect(third.headers.get('x-nebula-run-ms')).toBe(second.headers.get('x-nebula-run-ms'));
    for (const response of [await first, second, third]) await response.arrayBuffer();
  });

  test('whose time is over is new, although its answer is still stored', async () => {
    const own = await newAccount({ plan: 'pro' });
    const id = newKey();
    const call = (width: string) =>
      postForm(
        'image-resize',
        own.key,
        { file: photo, width, ...fresh },
        { 'idempotency-key': id },
      );
    expect((await call('40')).status).toBe(200);
    expect((await call('40')).headers.get('idempotency-replayed')).toBe('true');
    expect(await endKeys(own.id)).toBe(1);
    const other = await call('50');
    expect([other.status, other.headers.get('idempotency-replayed')]).toEqual([200, null]);
    expect((await call('50')).headers.get('idempotency-replayed')).toBe('true');
  });

  test.each(['with space', 'ü', 'x'.repeat(256)])('is refused as %j', async (id) => {
    await expectRefusal(await resize(id), 'invalid_input', 'Idempotency-Key');
  });
});
