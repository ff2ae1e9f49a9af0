import { plans } from '@nebula/contract/plans';
import { type PublicFile, storedFileSchema } from '@nebula/contract/stored-file';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearer, call } from '../support/callers.ts';
import { newFileAccount, postFile, put, sha256, store, storedNames } from '../support/files.ts';
import { expectProblem } from '../support/problem.ts';
import {
  answering,
  type Receiver,
  startForbiddenReceiver,
  startReceiver,
} from '../support/receiver.ts';
import { html, jpeg, png } from '../support/samples.ts';
import { api, newAccount } from '../support/stack.ts';
import { deliveriesTo, newEndpoint } from '../support/webhooks.ts';

let account: Awaited<ReturnType<typeof newFileAccount>>;
let photo: Buffer;
let receiver: Receiver;
beforeAll(async () => {
  [account, photo, receiver] = await Promise.all([newFileAccount(), png(40, 30), startReceiver()]);
});
afterAll(() => receiver.close());

const get = (key: string, path: string) => call('GET', `/files${path}`, bearer(key));

/** Where the content of a file is, without going there. */
const contentOf = (key: string, id: string) =>
  fetch(`${api}/files/${id}/content`, { headers: bearer(key), redirect: 'manual' });

describe('a file that is sent', () => {
  test('is known by its content, whatever its name says', async () => {
    const before = Date.now();
    const file = await store(account.key, photo, { name: '../holiday.pdf' });
    expect(storedFileSchema.strict().parse(file)).toEqual(file);
    expect(file).toMatchObject({
      id: expect.stringMatching(/^fil_[0-9A-Z]{26}$/),
      filename: 'holiday.pdf',
      type: 'png',
      mime: 'image/png',
      size: photo.length,
      sha256: sha256(photo),
      source: 'upload',
    });
    const kept = Date.parse(file.expires_at) - Date.parse(file.created_at);
    expect(kept).toBe(plans.enterprise.retentionSeconds * 1000);
    expect(Date.parse(file.created_at)).toBeGreaterThanOrEqual(before - 1000);
    expect((await get(account.key, `/${file.id}`)).json).toEqual(file);
  });

  test('may be the body itself', async () => {
    const headers = { ...bearer(account.key), 'content-type': 'image/png' };
    const body = new Blob([photo as Buffer<ArrayBuffer>]);
    const response = await fetch(`${api}/files?filename=raw.png`, {
      method: 'POST',
      headers,
      body,
    });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ filename: 'raw.png', sha256: sha256(photo) });
  });

  test('may be kept shorter than the plan keeps it, never longer', async () => {
    const free = await newFileAccount('free');
    const seconds = async (expires_in: string) => {
      const file = await store(free.key, photo, { fields: { expires_in } });
      return (Date.parse(file.expires_at) - Date.parse(file.created_at)) / 1000;
    };
    expect(await seconds('90')).toBe(90);
    expect(await seconds('604800')).toBe(plans.free.retentionSeconds);
  });

  test('is refused above the limit of the plan, and nothing of it stays', async () => {
    const free = await newFileAccount('free');
    const tooLarge = Buffer.concat([photo, Buffer.alloc(plans.free.maxInputBytes)]);
    const response = await postFile(free.key, tooLarge);
    const problem = expectProblem(response, await response.text(), 'file_too_large');
    expect(problem).toMatchObject({ limit_bytes: plans.free.maxInputBytes, plan: 'free' });
    expect(await storedNames(free.id)).toEqual([]);
    expect((await get(free.key, '')).json.data).toEqual([]);
  });

  test.each([
    ['of no known type', Buffer.from([0, 1, 2, 3])],
    ['empty', Buffer.alloc(0)],
  ])('is refused when it is %s', async (_what, bytes) => {
    const response = await postFile(account.key, bytes);
    expectProblem(response, await response.text(), 'unsupported_input');
  });

  test('is wanted exactly once', async () => {
    const both = await postFile(account.key, photo, { fields: { url: 'https://example.com/a' } });
    expectProblem(both, await both.text(), 'invalid_input');
    const { headers, status, text } = await call('POST', '/files', bearer(account.key), {});
    expect(expectProblem({ headers, status }, text, 'invalid_input').param).toBe('file');
  });
});

describe('a file of an address', () => {
  const fromUrl = (url: string, more = {}) =>
    call('POST', '/files', bearer(account.key), { url, ...more });

  test('is imported', async () => {
    const page = html();
    const { url } = receiver.on(answering(200, {}, page));
    const { json, status, text } = await fromUrl(url, { filename: 'page.html' });
    expect(status, text).toBe(201);
    expect(json).toMatchObject({ source: 'url', type: 'html', filename: 'page.html' });
    expect(json.sha256).toBe(sha256(Buffer.from(page)));
  });

  test('is not fetched where the guard does not let it', async () => {
    const forbidden = await startForbiddenReceiver();
    const { received, url } = forbidden.on(answering(200, {}, html()));
    const { headers, status, text } = await fromUrl(url);
    expectProblem({ headers, status }, text, 'url_forbidden');
    expect(received).toEqual([]);
    await forbidden.close();
  });

  test('that does not give it is an error of the address', async () => {
    const { url } = receiver.on(answering(404));
    const { headers, status, text } = await fromUrl(url);
    expect(expectProblem({ headers, status }, text, 'resource_failed').param).toBe('url');
  });
});

describe('the content', () => {
  test('comes from the store under its name, for 15 minutes at most', async () => {
    const { id } = await store(account.key, photo, { name: 'a "b" ü.png' });
    const sent = await contentOf(account.key, id);
    expect(sent.status).toBe(302);
    const location = new URL(sent.headers.get('location') ?? '');
    expect(Number(location.searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(900);
    expect(await sent.json()).toMatchObject({ url: location.href });
    const bytes = await fetch(location);
    expect(bytes.headers.get('content-disposition')).toMatch(/^attachment; filename="/);
    expect(bytes.headers.get('content-type')).toBe('image/png');
    expect(sha256(Buffer.from(await bytes.arrayBuffer()))).toBe(sha256(photo));
  });

  test('never runs in a browser', async () => {
    const { id } = await store(account.key, Buffer.from(html()), { name: 'page.html' });
    const sent = await contentOf(account.key, id);
    const bytes = await fetch(sent.headers.get('location') ?? '');
    expect(bytes.headers.get('content-type')).toBe('application/octet-stream');
    expect(bytes.headers.get('content-disposition')).toMatch(/^attachment/);
    await bytes.arrayBuffer();
  });

  test('cannot be overwritten through the address that reads it', async () => {
    const { id } = await store(account.key, photo);
    const sent = await contentOf(account.key, id);
    expect(await put(sent.headers.get('location') ?? '', await jpeg())).toBe(403);
  });
});

describe('the list', () => {
  test('has the newest first, page by page, and by where they came from', async () => {
    const { id, key } = await newFileAccount();
    const made: string[] = [];
    for (let count = 0; count < 3; count++) made.push((await store(key, photo)).id);
    const { url } = receiver.on(answering(200, {}, html()));
    made.push((await call('POST', '/files', bearer(key), { url })).json.id);
    const ids = ({ data }: { data: PublicFile[] }) => data.map((file) => file.id);

    const first = (await get(key, '?limit=3')).json;
    expect(ids(first)).toEqual(made.toReversed().slice(0, 3));
    expect(first.has_more).toBe(true);
    const last = (await get(key, `?limit=3&cursor=${first.next_cursor}`)).json;
    expect(ids(last)).toEqual([made[0]]);
    expect(last).toMatchObject({ has_more: false, next_cursor: null });
    expect(ids((await get(key, '?source=url')).json)).toEqual([made[3]]);
    expect(ids((await get(key, '?source=upload')).json)).toEqual(made.slice(0, 3).toReversed());
    expect(await storedNames(id)).toHaveLength(4);
  });

  test('goes on for nobody else', async () => {
    const [one, other] = [await newFileAccount(), await newFileAccount()];
    for (let count = 0; count < 2; count++) await store(one.key, photo);
    const { next_cursor } = (await get(one.key, '?limit=1')).json;
    const { headers, status, text } = await get(other.key, `?cursor=${next_cursor}`);
    expectProblem({ headers, status }, text, 'invalid_input');
  });
});

describe('a file', () => {
  test('that is deleted is gone with its bytes at once', async () => {
    const { id, key } = await newFileAccount();
    const file = await store(key, photo);
    const sent = await contentOf(key, file.id);
    const gone = await call('DELETE', `/files/${file.id}`, bearer(key));
    expect(gone.json).toEqual({ id: file.id, deleted: true });
    expect(await storedNames(id)).toEqual([]);
    const bytes = await fetch(sent.headers.get('location') ?? '');
    expect(bytes.status).toBe(404);
    await bytes.arrayBuffer();
    for (const method of ['GET', 'DELETE']) {
      const { headers, status, text } = await call(method, `/files/${file.id}`, bearer(key));
      expectProblem({ headers, status }, text, 'not_found');
    }
  });

  test('whose time is over is removed, and said to be gone', async () => {
    const { id: accountId, key } = await newFileAccount();
    const file = await store(key, photo);
    const { database } = await import('#server/database.ts');
    // As if it had come so long ago: the time itself is for nobody to change.
    const { data } = await database().file.get({ accountId, id: file.id }).go();
    if (!data) throw new Error('the file has no row');
    await database().file.delete({ accountId, id: file.id }).go();
    const past = Date.now() - 1000;
    const dueAt = String(past).padStart(15, '0');
    await database()
      .file.create({ ...data, retainedUntil: past, dueAt })
      .go();
    const { headers, status, text } = await get(key, `/${file.id}`);
    expectProblem({ headers, status }, text, 'gone');
    expect((await get(key, '')).json.data).toEqual([]);
    await expect.poll(() => storedNames(accountId), { timeout: 40_000 }).toEqual([]);
    const after = await contentOf(key, file.id);
    expectProblem(after, await after.text(), 'gone');
  });

  test('is announced once before its time is over, whoever looks', async () => {
    const scopes = ['files:read', 'files:write', 'webhooks:write', 'jobs:read'];
    const { id: accountId, key } = await newAccount({ plan: 'enterprise', scopes });
    const endpoint = await newEndpoint(bearer(key), {
      url: 'https://nobody.invalid/hook',
      events: ['file.expiring'],
    });
    const file = await store(key, photo);
    const { database } = await import('#server/database.ts');
    const { data } = await database().file.get({ accountId, id: file.id }).go();
    // Seven days are kept, so there are six before the warning.
    const warnsAt = Date.parse(file.expires_at) - 24 * 60 * 60 * 1000;
    expect(Number(data?.dueAt)).toBe(warnsAt);
    const dueAt = String(Date.now() - 1000).padStart(15, '0');
    await database().file.patch({ accountId, id: file.id }).set({ dueAt, watch: 'held' }).go();
    const { sweepFiles } = await import('#server/modules/file/service.ts');
    await Promise.all([sweepFiles(), sweepFiles(), sweepFiles()]);
    const told = async () =>
      (await deliveriesTo(bearer(key), endpoint.id)).map(
        ({ payload }) => JSON.parse(payload).data.id,
      );
    await expect.poll(told).toEqual([file.id]);
    const next = async () =>
      Number((await database().file.get({ accountId, id: file.id }).go()).data?.dueAt);
    await expect.poll(next).toBe(Date.parse(file.expires_at));
    expect((await get(key, `/${file.id}`)).status).toBe(200);
  });
});
