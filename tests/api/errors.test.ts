import type { ErrorCode } from '@nebula/contract/errors';
import { Agent, fetch as fetchFrom } from 'undici';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectProblem, expectRateHeaders, type Problem } from '../support/problem.ts';
import { leaveCalls, quotaLeft } from '../support/quota.ts';
import { loopbackAddress, requestHead, sendRaw } from '../support/raw.ts';
import { type FormPart, jpeg, multipart, multipartType } from '../support/samples.ts';
import { newAccount, stack } from '../support/stack.ts';

type Account = { id: string; key: string };
type Call = {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | (() => Uint8Array);
  /** Who calls: the full account by default, nobody where it is null. */
  as?: () => Account | null;
};
type Case = [what: string, call: Call, code: ErrorCode, check?: Partial<Problem>, status?: number];

const address = loopbackAddress();
const dispatcher = new Agent({ localAddress: address });
const base = `http://127.0.0.1:${new URL(stack.url).port}/api/v1`;
const json = { 'content-type': 'application/json' };
const resize = '/tools/image-resize';

let full: Account;
let empty: Account;
let narrow: Account;
let photo: Uint8Array;
beforeAll(async () => {
  full = await newAccount({ plan: 'enterprise' });
  empty = await newAccount();
  await leaveCalls(empty.id, 0);
  narrow = await newAccount({ scopes: ['tools:html-to-pdf'], plan: 'pro' });
  photo = new Uint8Array(await jpeg());
});

async function send({ as = () => full, body, headers, method = 'POST', path = resize }: Call) {
  const key = as()?.key;
  const response = await fetchFrom(base + path, {
    method,
    dispatcher,
    headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), ...headers },
    body: typeof body === 'function' ? body() : body,
  });
  return { response, text: await response.text() };
}

const withJson = (body: unknown, path = resize): Call => ({
  path,
  headers: json,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const form = (...parts: (FormPart | (() => FormPart))[]): Call => ({
  headers: { 'content-type': multipartType },
  body: () => multipart(parts.map((part) => (typeof part === 'function' ? part() : part))),
});
const image = (name = 'file') => ({ name, filename: 'a.jpg', body: photo });

const cases: Case[] = [
  ['a body that is no JSON', withJson('{"html":'), 'invalid_input', { param: 'body' }, 400],
  ['a JSON list', withJson('[]'), 'invalid_input', { param: 'body' }, 400],
  ['a JSON null', withJson('null'), 'invalid_input', { param: 'body' }, 400],
  [
    'a form without a boundary',
    { headers: { 'content-type': 'multipart/form-data' }, body: 'x' },
    'invalid_input',
    { param: 'body' },
    400,
  ],
  ['nobody', { as: () => null, ...withJson({}) }, 'unauthenticated'],
  [
    'nobody who asks for the usage',
    { as: () => null, method: 'GET', path: '/usage' },
    'unauthenticated',
  ],
  [
    'an account with no call left',
    { as: () => empty, ...withJson({}) },
    'quota_exceeded',
    { limit: 250, remaining: 0 },
  ],
  [
    'a key without the scope',
    { as: () => narrow, ...withJson({}) },
    'forbidden',
    { scope: 'tools:image-resize' },
  ],
  [
    'a key without the scope of the usage',
    { as: () => narrow, method: 'GET', path: '/usage' },
    'forbidden',
    { scope: 'usage:read' },
  ],
  [
    'a private address',
    withJson({ url: 'http://10.0.0.1/', width: 1 }),
    'url_forbidden',
    { param: 'url' },
  ],
  ['an unknown path', { method: 'GET', path: '/nothing' }, 'not_found'],
  ['the root', { method: 'GET', path: '' }, 'not_found'],
  ['an unknown tool', { method: 'GET', path: '/tools/nothing' }, 'not_found'],
  ['a tool that is run but does not exist', withJson({}, '/tools/nothing'), 'not_found'],
  [
    'a method that the path has not',
    { method: 'DELETE', path: '/plans' },
    'method_not_allowed',
    { allow: ['GET', 'HEAD'] },
  ],
  [
    'a method that a tool has not',
    { method: 'PUT' },
    'method_not_allowed',
    { allow: ['POST', 'GET', 'HEAD'] },
  ],
  [
    'an answer of another type',
    { headers: { ...json, accept: 'text/html' }, body: '{}' },
    'not_acceptable',
  ],
  [
    'a list of plans as an image',
    { method: 'GET', path: '/plans', headers: { accept: 'image/png' } },
    'not_acceptable',
  ],
  [
    'a body of a foreign type',
    { headers: { 'content-type': 'application/xml' }, body: '<a/>' },
    'unsupported_input',
  ],
  [
    'a body of a type that this tool does not read',
    { headers: { 'content-type': 'application/pdf' }, body: '%PDF-' },
    'unsupported_input',
  ],
  [
    'a compressed body',
    { headers: { ...json, 'content-encoding': 'gzip' }, body: 'x' },
    'unsupported_input',
  ],
  [
    'a file that is no image',
    form({ name: 'file', filename: 'a.jpg', type: 'image/jpeg', body: '%PDF-1.7 not a photo' }),
    'unsupported_input',
    { param: 'file', found: 'pdf' },
  ],
  [
    'a file of no known type',
    form({ name: 'file', filename: 'a.jpg', type: 'image/jpeg', body: 'just some text' }),
    'unsupported_input',
    { param: 'file', found: null },
  ],
  [
    'an empty file',
    form({ name: 'file', filename: 'a.jpg', body: '' }),
    'unsupported_input',
    { param: 'file' },
  ],
  [
    'a damaged image',
    {
      ...withJson({
        data: Buffer.from('\xff\xd8\xff\xe0junk', 'latin1').toString('base64'),
        width: 1,
      }),
    },
    'corrupt_input',
  ],
  [
    'no source',
    withJson({ width: 5 }),
    'invalid_input',
    { param: 'file', detail: 'Expected exactly one of file, url, data, file_id; received none.' },
  ],
  [
    'two sources',
    withJson({ width: 5, url: 'https://example.com/', data: 'aGk=' }),
    'invalid_input',
    { detail: 'Expected exactly one of file, url, data, file_id; received url and data.' },
  ],
  [
    'a value out of range',
    withJson({ data: 'aGk=', width: 0 }),
    'invalid_input',
    {
      param: 'width',
      detail: 'Expected width to be a whole number between 1 and 16383, received 0.',
    },
  ],
  [
    'a text for a number',
    form(image, { name: 'width', body: 'wide' }),
    'invalid_input',
    {
      param: 'width',
      detail: 'Expected width to be a whole number between 1 and 16383, received "wide".',
    },
  ],
  [
    'an unknown field',
    withJson({ data: 'aGk=', maxSide: 5 }),
    'invalid_input',
    { param: 'maxSide', detail: 'Unknown field maxSide. Did you mean max_side?' },
  ],
  [
    'options that contradict each other',
    withJson({ data: 'aGk=', width: 1, percent: 5 }),
    'invalid_input',
    {
      detail:
        'Expected one of width/height, percent, max_side or variants; received width/height and percent.',
    },
  ],
  [
    'a field that comes twice',
    form(image, { name: 'width', body: '1' }, { name: 'width', body: '2' }),
    'invalid_input',
    { param: 'width' },
  ],
  [
    'a file under another name',
    form(() => image('upload')),
    'invalid_input',
    {
      param: 'upload',
      detail: 'Unexpected file field "upload". The file belongs into the field file.',
    },
  ],
  ['two files', form(image, image), 'invalid_input', { param: 'file' }],
  [
    'a usage of a wrong period',
    { method: 'GET', path: '/usage?period=yesterday' },
    'invalid_input',
    { param: 'period' },
  ],
  [
    'a usage by week',
    { method: 'GET', path: '/usage?by=week' },
    'invalid_input',
    { param: 'by', detail: 'Expected by to be one of day, month, received "week".' },
  ],
  [
    'an unknown query parameter',
    { method: 'GET', path: '/usage?limit=5' },
    'invalid_input',
    { param: 'limit' },
  ],
];

describe('every refusal is a problem document that says what to do', () => {
  test.each(cases)('%s', async (_what, call, code, check, status) => {
    const before = await quotaLeft(full.id);
    const { response, text } = await send(call);
    const problem = expectProblem(response as unknown as Response, text, code, status);
    expect(problem).toMatchObject(check ?? {});
    expect(response.headers.get('ratelimit')).toMatch(/^"minute";r=\d+;t=\d+$/);
    expect(response.headers.get('x-ratelimit-remaining')).toMatch(/^\d+$/);
    const allow = problem.allow as string[] | undefined;
    expect(response.headers.get('allow')).toBe(allow ? allow.join(', ') : null);
    expect(await quotaLeft(full.id)).toBe(before);
  });

  test('the list of errors names each field, what was expected and what came', async () => {
    const { text } = await send(withJson({ data: 'aGk=', width: 0, quality: 'best', x: 1 }));
    const { errors = [] } = JSON.parse(text) as Problem;
    const of = (path: string) => errors.find((each) => each.path === path);
    expect(of('width')).toMatchObject({
      expected: 'to be a whole number between 1 and 16383',
      received: 0,
    });
    expect(of('quality')).toMatchObject({ received: 'best' });
    expect(of('x')?.expected).toContain('max_side');
  });

  test('a refused call carries the limits of the account that calls', async () => {
    const { response } = await send(withJson({ width: 0 }));
    expectRateHeaders(response.headers as unknown as Headers, 2400);
    expect(response.headers.get('x-quota-limit')).toBe('200000');
  });

  test('a failed call tells the calls that are truly left', async () => {
    const { response } = await send(withJson({ url: 'http://10.0.0.1/', width: 1 }));
    expect(Number(response.headers.get('x-quota-remaining'))).toBe(await quotaLeft(full.id));
  });

  test('HEAD of what is refused has the status and no body', async () => {
    const answer = await sendRaw(requestHead('HEAD /api/v1/usage', { Connection: 'close' }));
    expect(answer?.status).toBe(401);
    expect(answer?.headers.get('content-type')).toBe('application/problem+json');
    expect(answer?.body).toBe('');
  });

  test('no two answers have the same request id', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(withJson({}))));
    const ids = answers.map(({ response }) => response.headers.get('x-request-id'));
    expect(new Set(ids).size).toBe(20);
  });
});
