import { beforeAll, describe, expect, test, vi } from 'vitest';
import { jpeg } from '../support/samples.ts';
import { api, newAccount, postForm, postJson } from '../support/stack.ts';

type Row = {
  period: string;
  tool: string;
  calls: number;
  succeeded: number;
  failed: number;
  bytes_in: number;
  bytes_out: number;
  run_ms: number;
};

let mine: Awaited<ReturnType<typeof newAccount>>;
let other: Awaited<ReturnType<typeof newAccount>>;
let photo: Buffer;
let bytesOut = 0;

const usage = async (key: string, query = ''): Promise<Row[]> => {
  const response = await fetch(`${api}/usage${query}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { data: Row[] }).data;
};
const callsOf = async (key: string) => (await usage(key)).map(({ calls }) => calls).sort();

beforeAll(async () => {
  mine = await newAccount({ plan: 'pro' });
  other = await newAccount({ plan: 'pro' });
  photo = await jpeg();
  for (const width of ['8', '9']) {
    const file = new Blob([new Uint8Array(photo)]);
    const response = await postForm('image-resize', mine.key, { file, width });
    bytesOut += (await response.arrayBuffer()).byteLength;
  }
  await postJson('image-resize', mine.key, { url: 'http://10.0.0.1/', width: 1 });
  await postJson('html-to-pdf', mine.key, { html: '<p>x' });
  await postJson('html-to-pdf', other.key, { html: '<p>x' });
  await vi.waitFor(async () => {
    expect(await callsOf(mine.key)).toEqual([1, 3]);
    expect(await callsOf(other.key)).toEqual([1]);
  }, 5_000);
});

describe('GET /usage', () => {
  test('counts the calls of today by tool, those that failed too', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const rows = await usage(mine.key);
    const resize = rows.find(({ tool }) => tool === 'image-resize');
    expect(resize).toMatchObject({
      period: today,
      calls: 3,
      succeeded: 2,
      failed: 1,
      bytes_in: 2 * photo.length,
      bytes_out: bytesOut,
    });
    expect(resize?.run_ms).toBeGreaterThan(0);
  });

  test('sums them by month, and gives only the periods that were asked for', async () => {
    const month = new Date().toISOString().slice(0, 7);
    const rows = await usage(mine.key, `?by=month&period=${month}`);
    expect(rows.map(({ period }) => period)).toEqual([month, month]);
    expect(rows.reduce((sum, { calls }) => sum + calls, 0)).toBe(4);
    expect(await usage(mine.key, '?period=2001')).toEqual([]);
  });

  test('shows an account its own calls and nothing of another', async () => {
    const rows = await usage(other.key);
    expect(rows).toMatchObject([{ tool: 'html-to-pdf', calls: 1, succeeded: 1 }]);
    expect(JSON.stringify(rows)).not.toContain(mine.id);
  });

  test('is not moved by naming another account', async () => {
    const headers = { authorization: `Bearer ${other.key}`, 'x-account-id': mine.id };
    const response = await fetch(`${api}/usage?account_id=${mine.id}`, { headers });
    expect(response.status).toBe(422);
    await response.arrayBuffer();
  });
});
