import { beforeAll, describe, expect, test } from 'vitest';
import { bearer, call } from '../support/callers.ts';
import { announce, newFileAccount, put, store, storeDirectly } from '../support/files.ts';
import { png } from '../support/samples.ts';
import { api, newAccount } from '../support/stack.ts';

let account: Awaited<ReturnType<typeof newFileAccount>>;
let photo: Buffer;
beforeAll(async () => {
  [account, photo] = await Promise.all([newFileAccount(), png(50, 50)]);
});

/** Where a call for the bytes of a file is sent on to. */
async function addressOf(key: string, id: string): Promise<string> {
  const headers = bearer(key);
  const answer = await fetch(`${api}/files/${id}/content`, { headers, redirect: 'manual' });
  expect(answer.status).toBe(302);
  return answer.headers.get('location') ?? '';
}

const statusOf = async (url: string | URL, init: RequestInit = {}) => {
  const answer = await fetch(url, init);
  await answer.arrayBuffer();
  return answer.status;
};

function changed(address: string, parameters: Record<string, string>): URL {
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url;
}

describe('the address of a file', () => {
  test('works for a quarter of an hour, and says how the bytes are to be taken', async () => {
    const { id } = await store(account.key, photo, { name: 'a<b>.png' });
    const address = await addressOf(account.key, id);
    expect(Number(new URL(address).searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(900);
    const answer = await fetch(address);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(photo);
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; /);
  });

  test.each<[string, (address: string, other: string) => URL, RequestInit?]>([
    ['the path of a file of somebody else', (own, other) => withPath(own, new URL(other).pathname)],
    ['a path that climbs', (own) => withPath(own, `${new URL(own).pathname}/%2e%2e/x`)],
    ['another method that writes', (own) => new URL(own), { method: 'PUT', body: 'x' }],
    ['another method that removes', (own) => new URL(own), { method: 'DELETE' }],
    ['a longer life', (own) => changed(own, { 'X-Amz-Expires': '604800' })],
    ['a later beginning', (own) => changed(own, { 'X-Amz-Date': '20991231T235959Z' })],
    ['another type', (own) => changed(own, { 'response-content-type': 'text/html' })],
    ['another disposition', (own) => changed(own, { 'response-content-disposition': 'inline' })],
    ['another signature', (own) => changed(own, { 'X-Amz-Signature': '0'.repeat(64) })],
    ['a parameter more', (own) => changed(own, { versionId: '1' })],
  ])('is refused with %s', async (_what, change, init) => {
    const foreign = await newFileAccount();
    const [own, theirs] = await Promise.all([
      store(account.key, photo).then(({ id }) => addressOf(account.key, id)),
      storeDirectly(foreign.id, photo).then(({ id }) => addressOf(foreign.key, id)),
    ]);
    expect(await statusOf(change(own, theirs), init)).toBe(403);
    expect(await statusOf(own)).toBe(200);
    expect(await statusOf(theirs)).toBe(200);
  });

  test('ends with its time, and leads nowhere once the file is deleted', async () => {
    const { id } = await store(account.key, photo);
    const address = await addressOf(account.key, id);
    const { GetObjectCommand } = await import('@aws-sdk/client-s3');
    const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
    const { s3 } = await import('#server/platform/s3.ts');
    const [, Bucket = '', ...path] = new URL(address).pathname.split('/');
    const command = new GetObjectCommand({ Bucket, Key: path.join('/') });
    const sign = (signingDate: Date) =>
      getSignedUrl(s3(), command, { signingDate, expiresIn: 900 });
    expect(await statusOf(await sign(new Date()))).toBe(200);
    expect(await statusOf(await sign(new Date(Date.now() - 901_000)))).toBe(403);
    expect((await call('DELETE', `/files/${id}`, bearer(account.key))).status).toBe(200);
    expect(await statusOf(address)).toBe(404);
  });
});

describe('the address of an upload', () => {
  test.each<[string, (address: string, other: string) => URL, RequestInit]>([
    ['the path of another upload', (own, other) => withPath(own, new URL(other).pathname), {}],
    ['another method', (own) => new URL(own), { method: 'GET', body: undefined }],
    ['a longer life', (own) => changed(own, { 'X-Amz-Expires': '604800' }), {}],
    ['a part that it is not', (own) => changed(own, { partNumber: '1', uploadId: 'x' }), {}],
  ])('is refused with %s', async (_what, change, init) => {
    const foreign = await newFileAccount();
    const wish = { filename: 'a.png', size: photo.length };
    const [own, theirs] = await Promise.all([
      announce(account.key, wish),
      announce(foreign.key, wish),
    ]);
    const body = new Blob([new Uint8Array(photo)]);
    const url = change(own.url ?? '', theirs.url ?? '');
    expect(await statusOf(url, { method: 'PUT', body, ...init })).toBe(403);
    const { status } = await call('POST', `/uploads/${theirs.id}/complete`, bearer(foreign.key));
    expect(status).toBe(409);
  });

  test('makes no file any more when the key that asked for it is revoked', async () => {
    const scopes = ['files:read', 'files:write'];
    const { id: accountId, key, keyId } = await newAccount({ scopes });
    const upload = await announce(key, { filename: 'a.png', size: photo.length });
    expect(await put(upload.url ?? '', photo)).toBe(200);
    const { deleteApiKey } = await import('#server/modules/api-key/service.ts');
    await deleteApiKey({ accountId, id: keyId });
    const complete = async () =>
      (await call('POST', `/uploads/${upload.id}/complete`, bearer(key))).status;
    // What was read of a key is trusted for some seconds.
    await expect
      .poll(() => call('GET', '/files', bearer(key)).then(({ status }) => status), {
        timeout: 30_000,
        interval: 500,
      })
      .toBe(401);
    expect(await complete()).toBe(401);
  });
});

function withPath(address: string, path: string): URL {
  return new URL(address.replace(new URL(address).pathname, path));
}
