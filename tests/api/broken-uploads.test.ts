import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectRaw, requestHead } from '../support/raw.ts';
import { multipart, multipartType, noise } from '../support/samples.ts';
import { newAccount } from '../support/stack.ts';
import { watchForHarm } from '../support/unharmed.ts';

let account: Awaited<ReturnType<typeof newAccount>>;
let body: Buffer;
let expectNoHarm: () => Promise<void>;
beforeAll(async () => {
  account = await newAccount({ plan: 'enterprise' });
  const photo = await noise(900, 700);
  body = multipart([
    { name: 'width', body: '8' },
    { name: 'file', filename: 'a.jpg', type: 'image/jpeg', body: photo },
    { name: 'height', body: '8' },
  ]);
});
beforeEach(async () => {
  expectNoHarm = await watchForHarm(account);
});
afterEach(() => expectNoHarm());

const head = (length: number | undefined, more: Record<string, string> = {}) =>
  requestHead('POST /api/v1/tools/image-resize', {
    Authorization: `Bearer ${account.key}`,
    'Content-Type': multipartType,
    ...(length === undefined ? {} : { 'Content-Length': length }),
    ...more,
  });

/** Where a request is cut off: after every tenth of it. */
const tenths = Array.from({ length: 10 }, (_, index) => index * 10);

describe('a form that is cut off', () => {
  test.each(tenths)('by a hang-up after %s %% leaves nothing', async (percent) => {
    const connection = await connectRaw();
    await connection.write(head(body.length));
    await connection.write(body.subarray(0, (body.length * percent) / 100));
    connection.socket.destroy();
    await connection.closed;
  });

  test.each(tenths)('by a reset after %s %% leaves nothing', async (percent) => {
    const connection = await connectRaw();
    await connection.write(head(body.length));
    await connection.write(body.subarray(0, (body.length * percent) / 100));
    connection.socket.resetAndDestroy();
    await connection.closed;
  });

  test.each(tenths)('by half a close after %s %% is 400 or ends', async (percent) => {
    const connection = await connectRaw();
    await connection.write(head(body.length));
    await connection.write(body.subarray(0, (body.length * percent) / 100));
    connection.socket.end();
    const answer = await connection.answer;
    expect([400, undefined]).toContain(answer?.status);
    connection.socket.destroy();
  });

  test('in chunks, before the last chunk, leaves nothing', async () => {
    const connection = await connectRaw();
    await connection.write(head(undefined, { 'Transfer-Encoding': 'chunked' }));
    await connection.write(`${body.length.toString(16)}\r\n`);
    await connection.write(body);
    connection.socket.destroy();
    await connection.closed;
  });

  test('by its own end, without the last boundary, is 400', async () => {
    for (const cut of [4, 40, Math.floor(body.length / 2), body.length - 20]) {
      const short = body.subarray(0, body.length - cut);
      const connection = await connectRaw();
      await connection.write(head(short.length));
      await connection.write(short);
      const answer = await connection.answer;
      connection.socket.destroy();
      expect(answer?.status, String(cut)).toBe(400);
    }
  });
});

describe('a form whose length is a lie', () => {
  test('too long: the rest is waited for, and its end is no success', async () => {
    const connection = await connectRaw();
    await connection.write(head(body.length + 100));
    await connection.write(body);
    connection.socket.end();
    const answer = await connection.answer;
    expect([400, undefined]).toContain(answer?.status);
    connection.socket.destroy();
  });

  test('too short: the form is 400, and the rest is no request', async () => {
    const connection = await connectRaw();
    await connection.write(head(body.length - 500));
    await connection.write(body);
    const answer = await connection.answer;
    expect(answer?.status).toBe(400);
    await connection.closed;
    expect(connection.statusLines().filter((line) => line.includes(' 200'))).toEqual([]);
  });

  test('no number: the request is 400', async () => {
    for (const length of ['-1', '1e3', '0x10', '5, 6', '99999999999999999999999', '']) {
      const connection = await connectRaw();
      await connection.write(
        `POST /api/v1/tools/image-resize HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`,
      );
      const answer = await connection.answer;
      expect(answer?.status, length).toBe(400);
      connection.socket.destroy();
    }
  });
});
