import { beforeAll, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/problem.ts';
import {
  bytesRead,
  peakResidentBytes,
  residentBytes,
  spoolFolders,
  webPid,
} from '../support/process.ts';
import { connectRaw, type RawConnection, requestHead } from '../support/raw.ts';
import { boundary, jpeg, multipartType } from '../support/samples.ts';
import { newAccount } from '../support/stack.ts';

const megabyte = 1024 * 1024;
const size = 200 * megabyte - 1024;
const path = 'POST /api/v1/tools/image-resize?width=8';
const filler = Buffer.alloc(256 * 1024);

let photo: Buffer;
let enterprise: Awaited<ReturnType<typeof newAccount>>;
let free: Awaited<ReturnType<typeof newAccount>>;
beforeAll(async () => {
  photo = await jpeg();
  [enterprise, free] = await Promise.all([newAccount({ plan: 'enterprise' }), newAccount()]);
});

/** Sends a JPEG that is padded to so many bytes, in pieces; stops where the other side hangs up. */
async function sendPadded(connection: RawConnection, bytes: number): Promise<number> {
  let sent = photo.length;
  if (!(await connection.write(photo))) return 0;
  while (sent < bytes) {
    const piece = filler.subarray(0, Math.min(filler.length, bytes - sent));
    if (!(await connection.write(piece))) break;
    sent += piece.length;
  }
  return sent;
}

const head = (headers: Record<string, string | number>, key?: string) =>
  requestHead(path, { ...(key ? { Authorization: `Bearer ${key}` } : {}), ...headers });

const raw = { 'Content-Type': 'image/jpeg', 'Content-Length': size };
const part = [
  `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="big.jpg"\r\n\r\n`,
  `\r\n--${boundary}--\r\n`,
];
const overhead = part.join('').length;

describe('a file of 200 MB', () => {
  test('goes through for the enterprise plan, and the process does not grow with it', async () => {
    const pid = webPid();
    const upload = async (bytes: number) => {
      const connection = await connectRaw();
      const type = { 'Content-Type': multipartType, 'Content-Length': bytes + overhead };
      await connection.write(head(type, enterprise.key) + part[0]);
      expect(await sendPadded(connection, bytes)).toBe(bytes);
      await connection.write(part[1] ?? '');
      const answer = await connection.answer;
      connection.socket.destroy();
      return answer;
    };
    // The first upload brings the buffers and the compiled code that every later one uses.
    await upload(8 * megabyte);
    const before = residentBytes(pid);
    let status: number | undefined;
    const peak = await peakResidentBytes(pid, async () => {
      status = (await upload(size))?.status;
    });
    expect([200, 422]).toContain(status);
    expect(peak - before).toBeLessThan(64 * megabyte);
    expect(webPid()).toBe(pid);
    await expect.poll(spoolFolders).toEqual([]);
  });

  test.each<[string, Record<string, string | number>, string[]]>([
    ['as a raw body that says so', raw, ['', '']],
    [
      'as a part of a form',
      { 'Content-Type': multipartType, 'Content-Length': size + overhead },
      part,
    ],
  ])(
    'is refused for the free plan while it is still being sent, %s',
    async (_how, type, around) => {
      const connection = await connectRaw();
      await connection.write(head(type, free.key) + around[0]);
      const sent = await sendPadded(connection, size);
      const answer = await connection.answer;
      connection.socket.destroy();
      const { body = '', headers = new Headers(), status = 0 } = answer ?? {};
      const problem = expectProblem({ status, headers }, body, 'file_too_large');
      expect(problem).toMatchObject({ limit_bytes: 10 * megabyte, plan: 'free' });
      expect(sent).toBeLessThan(60 * megabyte);
      await expect.poll(spoolFolders).toEqual([]);
    },
  );

  test('is refused in chunks without an end as soon as the limit is passed', async () => {
    const connection = await connectRaw();
    const type = { 'Content-Type': 'image/jpeg', 'Transfer-Encoding': 'chunked' };
    await connection.write(head(type, free.key));
    await connection.write(`${photo.length.toString(16)}\r\n`);
    await connection.write(Buffer.concat([photo, Buffer.from('\r\n')]));
    const chunk = Buffer.concat([
      Buffer.from(`${filler.length.toString(16)}\r\n`),
      filler,
      Buffer.from('\r\n'),
    ]);
    let sent = 0;
    while (sent < size && (await connection.write(chunk))) sent += filler.length;
    const answer = await connection.answer;
    expect(answer?.status).toBe(413);
    expect(sent).toBeLessThan(60 * megabyte);
    connection.socket.destroy();
  });

  test('is refused unread for a caller that nobody knows', async () => {
    const pid = webPid();
    const before = bytesRead(pid);
    const connection = await connectRaw();
    await connection.write(head(raw));
    await sendPadded(connection, size);
    const answer = await connection.answer;
    await connection.closed;
    expect(answer?.status).toBe(401);
    // The process reads other things meanwhile, but nothing like the body.
    expect(bytesRead(pid) - before).toBeLessThan(8 * megabyte);
  });
});

test('a raw body of another type is refused with an answer, while most of it is unsent', async () => {
  const connection = await connectRaw();
  await connection.write(head({ ...raw, 'Content-Length': 40 * megabyte }, enterprise.key));
  let sent = 0;
  while (sent < 40 * megabyte && (await connection.write(filler))) sent += filler.length;
  const answer = await connection.answer;
  connection.socket.destroy();
  expect(answer?.status).toBe(415);
  expect(sent).toBeLessThan(20 * megabyte);
});

describe('the limit of the plan is exact', () => {
  const limit = 10 * megabyte;
  const upload = async (bytes: number, isForm: boolean) => {
    const connection = await connectRaw();
    const type = isForm
      ? { 'Content-Type': multipartType, 'Content-Length': bytes + overhead }
      : { 'Content-Type': 'image/jpeg', 'Content-Length': bytes };
    await connection.write(head(type, free.key) + (isForm ? part[0] : ''));
    await sendPadded(connection, bytes);
    if (isForm) await connection.write(part[1] ?? '');
    const answer = await connection.answer;
    connection.socket.destroy();
    return answer?.status;
  };

  test.each([
    ['a form', true],
    ['a raw body', false],
  ])('in %s', async (_how, isForm) => {
    expect(await upload(limit + 1, isForm)).toBe(413);
    expect([200, 422]).toContain(await upload(limit, isForm));
  });
});

test('base64 larger than a megabyte is refused by name', async () => {
  const body = JSON.stringify({ data: 'A'.repeat(2 * megabyte), width: 1 });
  const connection = await connectRaw();
  const type = { 'Content-Type': 'application/json', 'Content-Length': body.length };
  await connection.write(head(type, enterprise.key) + body);
  const answer = await connection.answer;
  connection.socket.destroy();
  expect(answer?.status).toBe(422);
  expect(JSON.parse(answer?.body ?? '{}')).toMatchObject({ param: 'data' });
  expect(answer?.body.length).toBeLessThan(3000);
});
