import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { hostileHosts } from '../../egress/hostile-literals.ts';
import { expectCommonHeaders, expectProblem, expectRateHeaders } from '../support/problem.ts';
import { jpeg, png } from '../support/samples.ts';
import { api, newAccount, postForm, postJson } from '../support/stack.ts';
import { readZip } from '../support/zip.ts';

let key: string;
let photo: Buffer;
let drawing: Buffer;
beforeAll(async () => {
  ({ key } = await newAccount({ plan: 'enterprise' }));
  [photo, drawing] = await Promise.all([jpeg(400, 300), png(400, 300)]);
});

const blob = (bytes: Buffer) => new Blob([new Uint8Array(bytes)]);
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());
const raw = (path: string, body: Buffer, headers: Record<string, string> = {}) =>
  fetch(`${api}/tools/image-resize${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, ...headers },
    body: new Uint8Array(body),
  });

async function expectImage(response: Response, width: number, height: number, format: string) {
  expect(response.status, response.ok ? '' : await response.clone().text()).toBe(200);
  const bytes = await bytesOf(response);
  expect(await sharp(bytes).metadata()).toMatchObject({ width, height, format });
  expect(response.headers.get('content-length')).toBe(String(bytes.length));
  return bytes;
}

describe('the image may come in any form', () => {
  test('as a part of a form, with options as fields', async () => {
    const response = await postForm('image-resize', key, { file: blob(photo), width: '100' });
    await expectImage(response, 100, 75, 'jpeg');
  });

  test('as base64 in JSON', async () => {
    const body = { data: drawing.toString('base64'), width: 50, height: 50, mode: 'stretch' };
    await expectImage(await postJson('image-resize', key, body), 50, 50, 'png');
  });

  test('as the body itself, with options in the query', async () => {
    const response = await raw('?width=80&format=webp', photo, { 'content-type': 'image/jpeg' });
    await expectImage(response, 80, 60, 'webp');
  });

  test('as a body of no declared type: the bytes decide', async () => {
    const type = { 'content-type': 'application/octet-stream' };
    await expectImage(await raw('?max_side=40', photo, type), 40, 30, 'jpeg');
    // A wrong name of a type that the tool reads changes nothing either.
    await expectImage(
      await raw('?max_side=40', photo, { 'content-type': 'image/png' }),
      40,
      30,
      'jpeg',
    );
  });

  test('with nested options in a form', async () => {
    const fields = {
      width: '100',
      height: '100',
      mode: 'crop',
      'focus[x]': '0.5',
      'focus[y]': '0',
    };
    const response = await postForm('image-resize', key, { file: blob(photo), ...fields });
    await expectImage(response, 100, 100, 'jpeg');
  });
});

describe('the answer', () => {
  test('carries the facts of the run, the limits and a safe name', async () => {
    const form = new FormData();
    form.append('file', blob(photo), '../../Ünsafe "name".jpg');
    form.append('width', '100');
    const response = await fetch(`${api}/tools/image-resize`, {
      method: 'POST',
      headers: { 'x-api-key': key },
      body: form,
    });
    const bytes = await expectImage(response, 100, 75, 'jpeg');
    const { headers } = response;
    expectCommonHeaders(headers);
    expectRateHeaders(headers, 2400);
    expect(headers.get('content-type')).toBe('image/jpeg');
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="[\x20-\x7e]+\.jpg"; filename\*=UTF-8''[\w%.~-]+\.jpg$/,
    );
    expect(headers.get('content-disposition')).not.toMatch(/\.\.|\//);
    expect(headers.get('content-security-policy')).toBe('sandbox');
    expect(headers.get('x-nebula-sha256')).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(headers.get('x-nebula-width')).toBe('100');
    expect(headers.get('x-nebula-height')).toBe('75');
    expect(headers.get('x-nebula-files')).toBe('1');
    expect(headers.get('x-nebula-units')).toBe('1');
    expect(headers.get('x-nebula-engine')).toMatch(/^.+\/.+$/);
    for (const name of ['x-nebula-run-ms', 'x-nebula-queue-ms', 'x-quota-reset'])
      expect(headers.get(name)).toMatch(/^\d+$/);
    expect(headers.get('x-quota-limit')).toBe('200000');
    expect(Number(headers.get('x-quota-remaining'))).toBeLessThan(200_000);
  });

  test('counts each call once', async () => {
    const call = () =>
      postForm('image-resize', key, { file: blob(photo), width: '10', cache: 'false' });
    const first = await call();
    const second = await call();
    const left = (response: Response) => Number(response.headers.get('x-quota-remaining'));
    expect(left(first) - left(second)).toBe(1);
    await Promise.all([first.arrayBuffer(), second.arrayBuffer()]);
  });

  test('says of a clamp in a header, and strict makes it an error', async () => {
    const loose = await postForm('image-resize', key, { file: blob(photo), width: '4000' });
    await expectImage(loose, 400, 300, 'jpeg');
    const warnings = JSON.parse(loose.headers.get('x-nebula-warnings') ?? '[]');
    expect(warnings).toContainEqual(expect.objectContaining({ code: 'not_enlarged' }));
    const fields = { file: blob(photo), width: '4000', strict: 'true' };
    const strict = await postForm('image-resize', key, fields);
    const problem = expectProblem(strict, await strict.text(), 'warnings_not_allowed');
    expect(problem.warnings).toContainEqual(expect.objectContaining({ code: 'not_enlarged' }));
  });
});

describe('several sizes', () => {
  const variants = [
    { width: 100 },
    { width: 50, height: 50, mode: 'stretch', format: 'png', name: 'icon' },
    { height: 30, format: 'webp' },
  ];

  test('come as a ZIP, each as asked', async () => {
    const body = { data: photo.toString('base64'), variants };
    const response = await postJson('image-resize', key, body);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/zip');
    expect(response.headers.get('content-disposition')).toMatch(/\.zip/);
    expect(response.headers.get('x-nebula-files')).toBe('3');
    const entries = await readZip(await bytesOf(response));
    expect(new Set(entries.map(({ name }) => name)).size).toBe(3);
    expect(entries[1]?.name).toContain('icon');
    const facts = await Promise.all(entries.map(({ bytes }) => sharp(bytes).metadata()));
    expect(facts).toMatchObject([
      { width: 100, height: 75, format: 'jpeg' },
      { width: 50, height: 50, format: 'png' },
      { width: 40, height: 30, format: 'webp' },
    ]);
  });

  test('are the same from form fields', async () => {
    const response = await postForm('image-resize', key, {
      file: blob(photo),
      'variants[0][width]': '20',
      'variants[1][height]': '20',
    });
    expect(response.status).toBe(200);
    expect(await readZip(await bytesOf(response))).toHaveLength(2);
  });
});

describe('an address that is not public is refused before anything is asked there', () => {
  const samples = hostileHosts().filter((_host, index) => index % 15 === 0);

  test.each(samples)('http://%s/', async (host) => {
    const response = await postJson('image-resize', key, { url: `http://${host}/x.png`, width: 1 });
    const problem = expectProblem(response, await response.text(), 'url_forbidden');
    expect(problem.param).toBe('url');
  });

  test.each([
    'http://localhost/',
    'http://LOCALHOST./',
    'http://a.localhost/',
    'http://example.com:22/',
    'http://example.com:6379/',
  ])('%s', async (url) => {
    const response = await postJson('image-resize', key, { url, width: 1 });
    expectProblem(response, await response.text(), 'url_forbidden');
  });

  test.each(['file:///etc/passwd', 'gopher://example.com/', 'ftp://example.com/x', 'data:,x', 'x'])(
    '%s is no address at all',
    async (url) => {
      const response = await postJson('image-resize', key, { url, width: 1 });
      const problem = expectProblem(response, await response.text(), 'invalid_input');
      expect(problem.param).toBe('url');
    },
  );
});
