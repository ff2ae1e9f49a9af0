import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/problem.ts';
import { bytesRead, webPid } from '../support/process.ts';
import { connectRaw, requestHead, sendRaw } from '../support/raw.ts';
import { jpeg, multipart, multipartType } from '../support/samples.ts';
import { api, newAccount } from '../support/stack.ts';
import { watchForHarm } from '../support/unharmed.ts';

let account: Awaited<ReturnType<typeof newAccount>>;
let form: Buffer;
let expectNoHarm: () => Promise<void>;
beforeAll(async () => {
  account = await newAccount({ plan: 'enterprise' });
  const file = { name: 'file', filename: 'a.jpg', body: await jpeg() };
  form = multipart([file, { name: 'width', body: '8' }]);
});
beforeEach(async () => {
  expectNoHarm = await watchForHarm(account);
});
afterEach(() => expectNoHarm());

const path = '/api/v1/tools/image-resize';

describe('a body in a content coding is refused unread', () => {
  const json = () => Buffer.from('{"width":1}');
  test.each<[string, () => Buffer]>([
    ['gzip', () => gzipSync(json())],
    ['br', () => brotliCompressSync(json())],
    ['deflate', () => deflateSync(json())],
    ['zstd', json],
    ['gzip, gzip', () => gzipSync(gzipSync(json()))],
    ['gzip', () => gzipSync(Buffer.alloc(8 * 1024 * 1024))],
    ['x-unknown', json],
  ])('%s', async (encoding, body) => {
    for (const type of ['application/json', multipartType, 'image/jpeg']) {
      const response = await fetch(api + path.slice(7), {
        method: 'POST',
        headers: {
          authorization: `Bearer ${account.key}`,
          'content-type': type,
          'content-encoding': encoding,
        },
        body: new Uint8Array(body()),
      });
      expectProblem(response, await response.text(), 'unsupported_input');
    }
  });

  test('identity is none', async () => {
    const response = await fetch(api + path.slice(7), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${account.key}`,
        'content-type': 'application/json',
        'content-encoding': 'identity',
      },
      body: '{"width":0}',
    });
    expectProblem(response, await response.text(), 'invalid_input');
  });
});

describe('Expect: 100-continue', () => {
  const head = (key: string | undefined) =>
    requestHead(`POST ${path}`, {
      ...(key ? { Authorization: `Bearer ${key}` } : {}),
      'Content-Type': multipartType,
      'Content-Length': form.length,
      Expect: '100-continue',
    });

  test('is answered 401 to a stranger before a byte of the body is sent', async () => {
    const pid = webPid();
    const connection = await connectRaw();
    const before = bytesRead(pid);
    await connection.write(head(undefined));
    const answer = await connection.answer;
    expect(answer?.status).toBe(401);
    expect(connection.statusLines()).toHaveLength(1);
    expect(bytesRead(pid) - before).toBeLessThan(100_000);
    connection.socket.destroy();
  });

  test('lets a caller that may call go on', async () => {
    const connection = await connectRaw();
    await connection.write(head(account.key));
    await expect.poll(connection.statusLines).toEqual(['HTTP/1.1 100 Continue']);
    await connection.write(form);
    expect((await connection.answer)?.status).toBe(200);
    connection.socket.destroy();
    expectNoHarm = await watchForHarm(account);
  });
});

describe('what is no proper request is refused', () => {
  const keyed = () => ({ Authorization: `Bearer ${account.key}`, Connection: 'close' });
  test.each<[string, () => string]>([
    [
      '20,000 bytes of headers',
      () => requestHead('GET /api/v1/plans', { 'X-A': 'a'.repeat(20_000) }),
    ],
    [
      '2,000 cookies',
      () => requestHead('GET /api/v1/usage', { Cookie: 'nebula-session=x; '.repeat(2000) }),
    ],
    ['an address of 64 KB', () => requestHead(`GET /api/v1/${'a'.repeat(65_536)}`, {})],
    ['a query of 60 KB', () => requestHead(`GET /api/v1/usage?x=${'a'.repeat(60_000)}`, keyed())],
    [
      'an input of 60 KB for a procedure',
      () => requestHead(`GET /api/trpc/me.get?input=${'a'.repeat(60_000)}`, keyed()),
    ],
    [
      '60 KB of headers',
      () => requestHead('GET /api/v1/usage', { ...keyed(), 'X-A': 'a'.repeat(60_000) }),
    ],
    ['a broken escape', () => requestHead('GET /api/v1/tools/%', keyed())],
    ['two slashes', () => requestHead('GET /api/v1//plans', keyed())],
    ['a path parameter', () => requestHead('GET /api/v1/..;/plans', keyed())],
    ['dots that climb', () => requestHead('GET /api/v1/../../xxxxxxx/plans', keyed())],
    ['dots in disguise', () => requestHead('GET /api/v1/%2e%2e/%2e%2e/xxxxxxx/plans', keyed())],
    ['another case', () => requestHead('GET /api/v1/PLANS', keyed())],
    ['no path', () => requestHead('GET /api/v1', keyed())],
    ['a NUL in the path', () => requestHead('GET /api/v1/plans%00', keyed())],
    ['a method of its own', () => requestHead('FROB /api/v1/plans', keyed())],
    ['a NUL in a header', () => requestHead('GET /api/v1/plans', { 'X-A': 'a\0b' })],
    [
      'a length and chunks',
      () =>
        `${requestHead(`POST ${path}`, { 'Content-Length': 5, 'Transfer-Encoding': 'chunked' })}0\r\n\r\n`,
    ],
    [
      'a coding that is not chunked',
      () => requestHead(`POST ${path}`, { 'Transfer-Encoding': 'gzip' }),
    ],
    ['a space before the colon', () => 'GET /api/v1/plans HTTP/1.1\r\nHost: x\r\nX-A : b\r\n\r\n'],
    ['a folded header', () => 'GET /api/v1/plans HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n'],
    ['no host', () => 'GET /api/v1/plans HTTP/1.1\r\n\r\n'],
  ])('%s', async (_what, request) => {
    const answer = await sendRaw(request());
    expect(answer?.status).toBeGreaterThanOrEqual(400);
    expect(answer?.status).toBeLessThan(500);
  });
});

test('two requests on one connection get two answers, in their order', async () => {
  const connection = await connectRaw();
  await connection.write(requestHead('GET /api/v1/health', {}));
  await connection.write(requestHead('GET /api/v1/nothing', { Connection: 'close' }));
  await connection.closed;
  const statuses = connection.statusLines().map((line) => line.split(' ')[1]);
  expect(statuses).toEqual(['200', '404']);
});

test('a refused form leaves no connection on which its rest would be a request', async () => {
  const connection = await connectRaw();
  const body = Buffer.concat([form, form]);
  await connection.write(
    requestHead(`POST ${path}`, {
      'Content-Type': multipartType,
      'Content-Length': body.length * 4,
    }),
  );
  await connection.write(body);
  await connection.write(requestHead('GET /api/v1/health', {}));
  await connection.closed;
  expect(connection.statusLines().map((line) => line.split(' ')[1])).toEqual(['401']);
});
