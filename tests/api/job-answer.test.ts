import { createHash } from 'node:crypto';
import { jobSchema } from '@nebula/contract/job';
import { beforeAll, describe, expect, test } from 'vitest';
import { jpeg } from '../support/samples.ts';
import { newAccount, postForm, postJson } from '../support/stack.ts';

let key: string;
let photo: Buffer;
beforeAll(async () => {
  ({ key } = await newAccount({ plan: 'pro' }));
  photo = await jpeg(200, 100);
});

const json = { accept: 'application/json' };
const file = () => new Blob([new Uint8Array(photo)]);

describe('a caller that asks for JSON gets the job', () => {
  test('as the schema says, with an address that gives the same bytes', async () => {
    const fields = { file: file(), width: '50', 'output[filename]': 'Zoë & co' };
    const response = await postForm('image-resize', key, fields, json);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const job = jobSchema.strict().parse(await response.json());
    expect(job).toMatchObject({ tool: 'image-resize', status: 'succeeded', units: 1 });
    expect(job.input.files).toEqual([
      {
        filename: 'file',
        size: photo.length,
        mime: 'image/jpeg',
        pages: 1,
        width: 200,
        height: 100,
        duration: null,
      },
    ]);
    expect(job.options_effective).toMatchObject({ width: 50 });
    expect(job.files).toHaveLength(1);
    const [output] = job.files;
    expect(output).toMatchObject({ mime: 'image/jpeg', width: 50, height: 25 });
    expect(output?.filename).toBe('Zoë & co.jpg');

    const download = await fetch(output?.url ?? '');
    expect(download.status).toBe(200);
    const bytes = Buffer.from(await download.arrayBuffer());
    expect(bytes.length).toBe(output?.size);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(output?.sha256);
    expect(download.headers.get('content-type')).toBe('image/jpeg');
    expect(download.headers.get('content-disposition')).toBe(
      `attachment; filename="Zoe & co.jpg"; filename*=UTF-8''Zo%C3%AB%20%26%20co.jpg`,
    );
  });

  test('with times in their order, kept as long as the plan keeps', async () => {
    const response = await postJson('html-to-pdf', key, { html: '<p>x' }, json);
    const job = jobSchema.parse(await response.json());
    const at = (time: string | null) => Date.parse(time ?? '');
    expect(at(job.created_at)).toBeLessThanOrEqual(at(job.finished_at));
    expect(at(job.expires_at) - at(job.finished_at)).toBe(24 * 60 * 60 * 1000);
    expect(job.files[0]).toMatchObject({ mime: 'application/pdf', pages: 1 });
    expect(response.headers.get('x-nebula-units')).toBe('1');
  });

  test('with every size in it, each with an address of its own', async () => {
    const body = { data: photo.toString('base64'), variants: [{ width: 10 }, { width: 20 }] };
    const response = await postJson('image-resize', key, body, json);
    const job = jobSchema.parse(await response.json());
    expect(job.files.map(({ width }) => width)).toEqual([10, 20]);
    expect(new Set(job.files.map(({ url }) => url)).size).toBe(2);
  });
});

describe('the address of a result', () => {
  const addressOf = async () => {
    const response = await postForm('image-resize', key, { file: file(), width: '5' }, json);
    const job = jobSchema.parse(await response.json());
    return new URL(job.files[0]?.url ?? '');
  };

  test.each<[string, (url: URL) => void]>([
    ['another path', (url) => (url.pathname += 'x')],
    ['a later end', (url) => url.searchParams.set('X-Amz-Expires', '604800')],
    [
      'another disposition',
      (url) => url.searchParams.set('response-content-disposition', 'inline'),
    ],
    ['no signature', (url) => url.searchParams.delete('X-Amz-Signature')],
  ])('is refused with %s', async (_what, tamper) => {
    const url = await addressOf();
    tamper(url);
    const response = await fetch(url);
    expect(response.status).toBe(403);
    await response.arrayBuffer();
  });

  test('gives no write', async () => {
    const response = await fetch(await addressOf(), { method: 'PUT', body: 'x' });
    expect(response.status).toBe(403);
    await response.arrayBuffer();
  });

  test('works for 15 minutes at most', async () => {
    expect(Number((await addressOf()).searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(900);
  });
});
