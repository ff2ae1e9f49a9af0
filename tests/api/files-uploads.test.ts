import { plans } from '@nebula/contract/plans';
import { storedFileSchema } from '@nebula/contract/stored-file';
import { beforeAll, describe, expect, test } from 'vitest';
import { bearer, call, callTrpc, type Reply } from '../support/callers.ts';
import { announce, newFileAccount, put, sha256, storedNames } from '../support/files.ts';
import { expectProblem } from '../support/problem.ts';
import { jpeg, png } from '../support/samples.ts';

const megabyte = 1024 * 1024;
let account: Awaited<ReturnType<typeof newFileAccount>>;
let photo: Buffer;
beforeAll(async () => {
  [account, photo] = await Promise.all([newFileAccount(), png(50, 50)]);
});

const complete = (key: string, id: string) => call('POST', `/uploads/${id}/complete`, bearer(key));
const problemOf = ({ headers, status, text }: Reply, code: Parameters<typeof expectProblem>[2]) =>
  expectProblem({ headers, status }, text, code);

/** An upload whose bytes are at the store. */
async function send(key: string, bytes: Buffer, wish: Record<string, unknown> = {}) {
  const upload = await announce(key, { filename: 'a.png', size: bytes.length, ...wish });
  expect(await put(upload.url ?? '', bytes)).toBe(200);
  return upload;
}

describe('an upload', () => {
  test('goes straight to the store, and becomes a file of the same id', async () => {
    const wish = { type: 'png', sha256: sha256(photo) };
    const upload = await send(account.key, photo, wish);
    expect(upload.parts).toEqual([]);
    const url = new URL(upload.url ?? '');
    expect(Number(url.searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(900);
    const { json, status } = await complete(account.key, upload.id);
    expect(status).toBe(200);
    expect(storedFileSchema.strict().parse(json)).toMatchObject({
      id: upload.id,
      source: 'direct',
      filename: 'a.png',
      type: 'png',
      size: photo.length,
      sha256: sha256(photo),
    });
    const content = await call('GET', `/files/${upload.id}/content`, bearer(account.key));
    expect(content.status).toBe(200);
    expect((await complete(account.key, upload.id)).json).toEqual(json);
  });

  test('is no file before it is completed, and cannot be before its bytes have come', async () => {
    const { id, key } = await newFileAccount();
    const upload = await announce(key, { filename: 'a.png', size: photo.length });
    problemOf(await complete(key, upload.id), 'conflict');
    expect(await put(upload.url ?? '', photo)).toBe(200);
    problemOf(await call('GET', `/files/${upload.id}`, bearer(key)), 'not_found');
    expect((await call('GET', '/files', bearer(key))).json.data).toEqual([]);
    expect((await call('DELETE', `/files/${upload.id}`, bearer(key))).status).toBe(200);
    expect(await storedNames(id)).toEqual([]);
    problemOf(await complete(key, upload.id), 'not_found');
  });

  test('takes the announced number of bytes and no other', async () => {
    const upload = await announce(account.key, { filename: 'a.png', size: photo.length });
    expect(await put(upload.url ?? '', Buffer.concat([photo, photo]))).toBe(403);
    expect(await put(upload.url ?? '', photo.subarray(1))).toBe(403);
    problemOf(await complete(account.key, upload.id), 'conflict');
  });

  test('is not changed by what comes to its address later', async () => {
    const upload = await send(account.key, photo);
    expect((await complete(account.key, upload.id)).status).toBe(200);
    const forged = Buffer.alloc(photo.length, 'x');
    expect(await put(upload.url ?? '', forged)).toBe(200);
    const { json } = await callTrpc('query', 'files.content', bearer(account.key), {
      id: upload.id,
    });
    const content = await fetch(json.result.data.url);
    expect(sha256(Buffer.from(await content.arrayBuffer()))).toBe(sha256(photo));
    expect((await complete(account.key, upload.id)).json.sha256).toBe(sha256(photo));
    const tool = await call('POST', '/tools/image-resize', bearer(account.key), {
      file_id: upload.id,
      width: 5,
    });
    expect(tool.status).toBe(200);
  });

  test('that is completed many times at once is one file', async () => {
    const { id, key } = await newFileAccount();
    const upload = await send(key, photo);
    const replies = await Promise.all(Array.from({ length: 16 }, () => complete(key, upload.id)));
    for (const { json, status } of replies) {
      expect(status).toBe(200);
      expect(json).toEqual(replies[0]?.json);
    }
    expect(await storedNames(id)).toHaveLength(1);
  });

  test('above the limit of the plan gets no address', async () => {
    const free = await newFileAccount('free');
    const wish = { filename: 'a.png', size: plans.free.maxInputBytes + 1 };
    const reply = await call('POST', '/uploads', bearer(free.key), wish);
    expect(problemOf(reply, 'file_too_large')).toMatchObject({ plan: 'free', param: 'size' });
    await announce(free.key, { ...wish, size: plans.free.maxInputBytes });
  });

  test('may be sent by any page of a browser', async () => {
    const { url } = await announce(account.key, { filename: 'a.png', size: 10 });
    const response = await fetch(url ?? '', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://customer.example',
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type',
      },
    });
    expect(response.ok).toBe(true);
    expect(['*', 'https://customer.example']).toContain(
      response.headers.get('access-control-allow-origin'),
    );
    expect(response.headers.get('access-control-allow-methods')).toContain('PUT');
  });
});

describe('bytes that are not what was said', () => {
  const junk = Buffer.from([0, 1, 2, 3, 4, 5]);
  test.each<[string, () => Buffer, Record<string, unknown>, 'unsupported_input' | 'invalid_input']>(
    [
      ['of no known type', () => junk, {}, 'unsupported_input'],
      ['of another type', () => photo, { type: 'pdf' }, 'unsupported_input'],
      ['of another hash', () => photo, { sha256: '0'.repeat(64) }, 'invalid_input'],
    ],
  )('%s are refused and removed', async (_what, bytes, wish, code) => {
    const { id, key } = await newFileAccount();
    const upload = await send(key, bytes(), wish);
    problemOf(await complete(key, upload.id), code);
    expect(await storedNames(id)).toEqual([]);
    problemOf(await complete(key, upload.id), 'not_found');
    problemOf(await call('GET', `/files/${upload.id}`, bearer(key)), 'not_found');
  });

  test('and come after the refusal are removed by the sweeper', async () => {
    const { id: accountId, key } = await newFileAccount();
    const upload = await send(key, junk);
    problemOf(await complete(key, upload.id), 'unsupported_input');
    expect(await put(upload.url ?? '', junk)).toBe(200);
    expect(await storedNames(accountId)).toHaveLength(1);
    const { database } = await import('#server/database.ts');
    const { data } = await database().file.get({ accountId, id: upload.id }).go();
    if (!data) throw new Error('nothing is known of the upload any more');
    expect(Number(data.dueAt)).toBeGreaterThanOrEqual(Date.parse(upload.expires_at));
    // As if its time were over: nobody can change it otherwise.
    await database().file.delete({ accountId, id: upload.id }).go();
    const over = { openUntil: 1, dueAt: '000000000000001' };
    await database()
      .file.create({ ...data, ...over })
      .go();
    await expect.poll(() => storedNames(accountId), { timeout: 40_000 }).toEqual([]);
  });
});

describe('an upload in parts', () => {
  const large = async () => {
    const picture = await jpeg();
    return Buffer.concat([picture, Buffer.alloc(11 * megabyte - picture.length, 7)]);
  };

  test('is put together in order, however the parts come', async () => {
    const { id, key } = await newFileAccount();
    const bytes = await large();
    const wish = { filename: 'large.jpg', size: bytes.length, part_size: 5 * megabyte };
    const upload = await announce(key, wish);
    expect(upload.url).toBeNull();
    expect(upload.parts.map(({ size }) => size / megabyte)).toEqual([5, 5, 1]);
    const sendPart = ({ offset, size, url }: (typeof upload.parts)[number]) =>
      put(url, bytes.subarray(offset, offset + size));
    const [first, ...others] = upload.parts.toReversed();
    for (const part of others) expect(await sendPart(part)).toBe(200);
    const missing = problemOf(await complete(key, upload.id), 'conflict');
    expect(missing).toMatchObject({ parts_come: 2, parts: 3 });
    if (!first) throw new Error('there are no parts');
    expect(await put(first.url, bytes.subarray(0, first.size - 1))).toBe(403);
    expect(await sendPart(first)).toBe(200);
    const replies = await Promise.all(Array.from({ length: 4 }, () => complete(key, upload.id)));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const [{ json } = { json: undefined }] = replies;
    expect(json).toMatchObject({ size: bytes.length, sha256: sha256(bytes), type: 'jpg' });
    expect(await storedNames(id)).toHaveLength(1);
  });

  test('is the only way above 100 MB', async () => {
    const size = 120 * megabyte;
    const { parts, url } = await announce(account.key, { filename: 'a.mp4', size });
    expect(url).toBeNull();
    expect(parts.reduce((sum, part) => sum + part.size, 0)).toBe(size);
  });

  test('takes nothing more once it is deleted', async () => {
    const wish = { filename: 'a.jpg', size: 6 * megabyte, part_size: 5 * megabyte };
    const { id, parts } = await announce(account.key, wish);
    expect((await call('DELETE', `/files/${id}`, bearer(account.key))).status).toBe(200);
    const [, last] = parts;
    expect(await put(last?.url ?? '', Buffer.alloc(megabyte))).toBe(404);
  });
});
