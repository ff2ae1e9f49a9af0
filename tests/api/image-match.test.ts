import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { jpeg } from '../support/samples.ts';
import { api, newAccount, postJson } from '../support/stack.ts';
import { readZip } from '../support/zip.ts';

let key: string;
let source: Buffer;
let turned: Buffer;
let other: Buffer;

beforeAll(async () => {
  ({ key } = await newAccount({ plan: 'enterprise' }));
  source = await tiles(1);
  [turned, other] = await Promise.all([sharp(source).rotate(90).jpeg().toBuffer(), tiles(2)]);
});

/** Tiles in 192 colours of a seed. */
function tiles(seed: number): Promise<Buffer> {
  const pixels = Buffer.alloc(16 * 12 * 3);
  for (let at = 0, state = seed; at < pixels.length; at++) {
    state = (state * 48_271) % 2_147_483_647;
    pixels[at] = state >> 8;
  }
  return sharp(pixels, { raw: { width: 16, height: 12, channels: 3 } })
    .resize(640, 480, { kernel: 'nearest' })
    .jpeg()
    .toBuffer();
}

function post(targets: Buffer[], fields: Record<string, string> = {}, headers = {}, by = key) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('source', new Blob([new Uint8Array(source)]), 'source.jpg');
  for (const [at, bytes] of targets.entries())
    form.append('targets', new Blob([new Uint8Array(bytes)]), `target ${at}.jpg`);
  return fetch(`${api}/tools/image-match`, {
    method: 'POST',
    headers: { authorization: `Bearer ${by}`, ...headers },
    body: form,
  });
}

const expected = [
  { index: 0, filename: 'target 0.jpg', verdict: 'very_similar', match: true },
  { index: 1, filename: 'target 1.jpg', verdict: 'different', match: false },
];

describe('the answer', () => {
  test('is the result itself', async () => {
    const response = await post([turned, other]);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({ matches: 1, targets: expected });
  });

  test('is the result and a drawing for each target in a ZIP', async () => {
    const response = await post([turned, other], { visual: 'matches' });
    const entries = await readZip(Buffer.from(await response.arrayBuffer()));
    expect(entries.map(({ name }) => name.slice(-4))).toEqual(['json', '.png', '.png']);
    expect(JSON.parse(String(entries[0]?.bytes))).toMatchObject({ targets: expected });
  });

  test('is a job with the result in it, where JSON is asked for', async () => {
    const response = await post([turned, other], {}, { accept: 'application/json' });
    const job = await response.json();
    expect(job).toMatchObject({ object: 'job', tool: 'image-match', status: 'succeeded' });
    expect(job.result).toMatchObject({ matches: 1, targets: expected });
    expect(job.files).toHaveLength(1);
  });
});

describe('the pictures', () => {
  test('may come as base64', async () => {
    const data = (bytes: Buffer) => ({ data: bytes.toString('base64') });
    const body = { source: data(source), targets: [data(source), data(other)], methods: ['phash'] };
    const { targets } = await (await postJson('image-match', key, body)).json();
    expect(targets).toMatchObject([{ verdict: 'duplicate' }, { verdict: 'different' }]);
  });

  test('that cannot be read are named', async () => {
    const response = await post([turned, (await jpeg(400, 300)).subarray(0, 700)]);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: 'corrupt_input', param: 'targets.1' });
  });

  test('are as many as the plan allows', async () => {
    const { key: free } = await newAccount();
    const small = await jpeg(8, 8);
    const all = Array.from({ length: 21 }, () => small);
    const refused = await post(all, {}, {}, free);
    expect([refused.status, (await refused.json()).param]).toEqual([422, 'targets']);
    expect((await post(all.slice(1), { methods: '["phash"]' }, {}, free)).status).toBe(200);
  });

  test('without a target are refused', async () => {
    const response = await post([]);
    expect([response.status, (await response.json()).param]).toEqual([422, 'targets']);
  });
});
