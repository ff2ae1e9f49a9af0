import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { expectProblem } from '../support/problem.ts';
import { peakResidentBytes, residentBytes, webPid } from '../support/process.ts';
import { connectRaw, requestHead } from '../support/raw.ts';
import { jpeg } from '../support/samples.ts';
import { api, newAccount } from '../support/stack.ts';
import { watchForHarm } from '../support/unharmed.ts';

let account: Awaited<ReturnType<typeof newAccount>>;
let data: string;
let expectNoHarm: () => Promise<void>;
beforeAll(async () => {
  account = await newAccount({ plan: 'enterprise' });
  data = (await jpeg()).toString('base64');
});
beforeEach(async () => {
  expectNoHarm = await watchForHarm(account);
});
afterEach(() => expectNoHarm());

const post = async (body: string | Uint8Array, more: Record<string, string> = {}) => {
  const response = await fetch(`${api}/tools/image-resize`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${account.key}`,
      'content-type': 'application/json',
      ...more,
    },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
  return { response, text: await response.text() };
};

const listsOf = (levels: number) => `{"width":${'['.repeat(levels)}${']'.repeat(levels)}}`;

test.each<[string, string | Uint8Array, number]>([
  ['nothing', '', 400],
  ['a number', '5', 400],
  ['NaN', '{"width":NaN}', 400],
  ['a trailing comma', '{"width":1,}', 400],
  ['two documents', '{}{}', 400],
  ['a bare word', 'hello', 400],
  ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 400],
  ['UTF-16', Buffer.from('{"width":1}', 'utf16le'), 400],
  ['UTF-16 with its mark', Buffer.from('\ufeff{"width":1}', 'utf16le'), 400],
  ['a number beyond every number', '{"width":1e400}', 422],
  ['100,000 nested lists', '['.repeat(100_000), 400],
  ['10,000 nested lists in a field', listsOf(10_000), 400],
  [
    '10,000 nested objects in a field',
    `{"width":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`,
    400,
  ],
  ['a level more than are read', listsOf(100), 400],
  ['as many levels as are read', listsOf(99), 422],
  ['a prototype', '{"__proto__":{"width":5}}', 422],
  ['a constructor', '{"constructor":{"prototype":{"width":5}}}', 422],
  ['a prototype deeper down', '{"focus":{"__proto__":{"x":1}}}', 422],
  [
    'a file made of JSON',
    '{"file":{"path":"/etc/passwd","filename":"x","size":1,"type":"jpg"}}',
    422,
  ],
  ['a lone surrogate', '{"background":"\\ud800"}', 422],
  ['a NUL', '{"background":"\\u0000"}', 422],
  [
    '100,000 unknown fields',
    `{${Array.from({ length: 100_000 }, (_, at) => `"f${at}":1`).join()}}`,
    422,
  ],
])('%s is refused with a short answer', async (_what, body, status) => {
  const { response, text } = await post(body);
  expectProblem(response, text, 'invalid_input', status);
  expect(text.length).toBeLessThan(30_000);
});

test.each([
  [10_000, 400],
  [5_000, 400],
  [99, 422],
])(
  '%i nested lists are the caller’s mistake with an Idempotency-Key too',
  async (levels, status) => {
    const { response, text } = await post(listsOf(levels), {
      'idempotency-key': `${levels} levels`,
    });
    expectProblem(response, text, 'invalid_input', status);
  },
);

test('of two equal keys the last counts, and an unknown one is found beside it', async () => {
  const { response, text } = await post(`{"data":"${data}","width":5,"width":0}`);
  expect(expectProblem(response, text, 'invalid_input').param).toBe('width');
});

test('a byte-order mark is no part of the JSON', async () => {
  const { response, text } = await post(`\ufeff{"width":0}`);
  expect(expectProblem(response, text, 'invalid_input').param).toBe('width');
});

test('50 MB of JSON are refused at ten, and take no such memory', async () => {
  const pid = webPid();
  const before = residentBytes(pid);
  const size = 50 * 1024 * 1024;
  let status: number | undefined;
  const peak = await peakResidentBytes(pid, async () => {
    const connection = await connectRaw();
    const headers = {
      Authorization: `Bearer ${account.key}`,
      'Content-Type': 'application/json',
      'Content-Length': size,
    };
    await connection.write(requestHead('POST /api/v1/tools/image-resize', headers));
    const piece = Buffer.alloc(256 * 1024, ' ');
    for (let sent = 0; sent < size; sent += piece.length)
      if (!(await connection.write(piece))) break;
    const answer = await connection.answer;
    status = answer?.status;
    connection.socket.destroy();
  });
  expect(status).toBe(413);
  expect(peak - before).toBeLessThan(64 * 1024 * 1024);
});
