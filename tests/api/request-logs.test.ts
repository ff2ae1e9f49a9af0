import { beforeAll, describe, expect, test, vi } from 'vitest';
import { bearer, type Credentials, call, sessionOf } from '../support/callers.ts';
import { leaveCalls } from '../support/quota.ts';
import { jpeg } from '../support/samples.ts';
import { api, newAccount, postForm, postJson } from '../support/stack.ts';

type Line = {
  id: string;
  request_id: string;
  tool: string;
  key_id: string | null;
  status: number;
  code: string | null;
  bytes_in: number;
  bytes_out: number;
  queue_ms: number | null;
  run_ms: number | null;
  total_ms: number;
  address: string;
  created_at: string;
  expires_at: string;
};

const list = async (as: Credentials, query: Record<string, string> = {}) => {
  const { json, status, text } = await call(
    'GET',
    `/request-logs?${new URLSearchParams(query)}`,
    as,
  );
  expect(status, text).toBe(200);
  return json as { data: Line[]; has_more: boolean; next_cursor: string | null };
};

/** Whoever asks again and again until a line is there may ask more than 20 times a minute. */
const paid = { plan: 'pro' as const };

/** The line of one answer, once it is there. */
async function lineOf(as: Credentials, response: Response): Promise<Line> {
  await response.arrayBuffer();
  const requestId = response.headers.get('x-request-id');
  return vi.waitFor(
    async () => {
      const line = (await list(as)).data.find((each) => each.request_id === requestId);
      if (!line) throw new Error('The line is not there yet.');
      return line;
    },
    { timeout: 30_000, interval: 250 },
  );
}

const idsOf = (lines: Line[]) => lines.map(({ id }) => id);

/** Every line, page by page. */
async function allPages(as: Credentials, query: Record<string, string>): Promise<Line[]> {
  const found: Line[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = await list(as, { ...query, ...(cursor ? { cursor } : {}) });
    found.push(...page.data);
    expect(page.has_more).toBe(page.next_cursor !== null);
    cursor = page.next_cursor;
  }
  return found;
}

// They wait for the log together: what is logged is written every two seconds.
describe.concurrent('a call of a tool', () => {
  test('has one line with its status, bytes, times and caller, and nothing of its body', async () => {
    const { id, key, keyId } = await newAccount({ plan: 'pro' });
    const photo = await jpeg();
    const file = new Blob([new Uint8Array(photo)]);
    const before = Date.now();
    const response = await postForm('image-resize', key, { file, width: '8' });
    if (response.status !== 200) throw new Error(await response.text());
    const sent = response.clone();
    const line = await lineOf(bearer(key), response);
    expect(line).toMatchObject({
      tool: 'image-resize',
      key_id: keyId,
      status: 200,
      code: null,
      bytes_in: photo.length,
      bytes_out: (await sent.arrayBuffer()).byteLength,
      address: expect.stringMatching(/^127\./),
    });
    expect(line.total_ms).toBeGreaterThanOrEqual(line.run_ms ?? Number.POSITIVE_INFINITY);
    expect(line.queue_ms).toBeGreaterThanOrEqual(0);
    expect(Date.parse(line.created_at)).toBeGreaterThanOrEqual(before);
    const keptDays = (Date.parse(line.expires_at) - Date.parse(line.created_at)) / 86_400_000;
    expect(keptDays).toBeCloseTo(30, 3);
    const { json, status } = await call('GET', `/request-logs/${line.id}`, await sessionOf(id));
    expect([status, json]).toEqual([200, line]);
  });

  test('has no word of its input in the log', async () => {
    const { id, key } = await newAccount(paid);
    const secret = 'a-word-that-nobody-else-says';
    const line = await lineOf(
      bearer(key),
      await postJson('html-to-pdf', key, { html: `<p>${secret}` }),
    );
    expect(line.status).toBe(200);
    const { database } = await import('#server/database.ts');
    const { data } = await database().requestLog.query.byAccount({ accountId: id }).go();
    expect(data).toHaveLength(1);
    expect(JSON.stringify(data)).not.toContain(secret);
  });

  test('that goes on as a job has the line of its answer', async () => {
    const { key } = await newAccount({ ...paid, scopes: ['tools:run', 'usage:read', 'jobs:read'] });
    const prefer = { prefer: 'respond-async' };
    const response = await postJson('html-to-pdf', key, { html: '<p>x' }, prefer);
    expect(await lineOf(bearer(key), response)).toMatchObject({ status: 202, bytes_out: 0 });
    expect((await list(bearer(key))).data).toHaveLength(1);
  });

  test.each([
    ['whose input is wrong', { html: 7 }, 422, 'invalid_input'],
    ['that may not go to its address', { url: 'http://10.0.0.1/' }, undefined, 'url_forbidden'],
  ])('%s is logged with its error', async (_what, body, status, code) => {
    const { key } = await newAccount(paid);
    const response = await postJson('html-to-pdf', key, body);
    expect(await lineOf(bearer(key), response)).toMatchObject({
      status: status ?? response.status,
      code,
      bytes_in: 0,
      bytes_out: 0,
      run_ms: null,
    });
  });

  test('that the key may not make is logged', async () => {
    const { key } = await newAccount({ ...paid, scopes: ['tools:image-resize', 'usage:read'] });
    const response = await postJson('html-to-pdf', key, { html: '<p>x' });
    expect(await lineOf(bearer(key), response)).toMatchObject({ status: 403, code: 'forbidden' });
  });

  test('beyond the rate of the key is logged', async () => {
    const { id: accountId, key } = await newAccount();
    const settings = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
    // More than the Free plan may make in a minute, whichever minute it is.
    const statuses = await Promise.all(
      Array.from({ length: 45 }, async () => {
        const response = await fetch(`${api}/tools/html-to-pdf`, {
          method: 'POST',
          headers: settings,
          body: '{}',
        });
        await response.arrayBuffer();
        return response.status;
      }),
    );
    const refused = statuses.filter((status) => status === 429).length;
    expect(refused).toBeGreaterThan(0);
    const { listRequests } = await import('#server/modules/usage/service.ts');
    const isLogged = async () => {
      const { rows } = await listRequests(accountId, { limit: 100 });
      expect(rows.filter(({ code }) => code === 'rate_limited')).toHaveLength(refused);
    };
    await vi.waitFor(isLogged, { timeout: 30_000, interval: 250 });
  });

  test('beyond the quota is logged', async () => {
    const { id, key } = await newAccount(paid);
    await leaveCalls(id, 0);
    const response = await postJson('html-to-pdf', key, { html: '<p>x' });
    const expected = { status: response.status, code: 'quota_exceeded' };
    expect(await lineOf(bearer(key), response)).toMatchObject(expected);
  });

  test('is no call of somebody else', async () => {
    const [mine, other] = await Promise.all([newAccount(paid), newAccount(paid)]);
    const line = await lineOf(
      bearer(mine.key),
      await postJson('html-to-pdf', mine.key, { html: '<p>x' }),
    );
    expect((await list(bearer(other.key))).data).toEqual([]);
    const { status } = await call('GET', `/request-logs/${line.id}`, bearer(other.key));
    expect(status).toBe(404);
  });
});

describe('the list', () => {
  const rare = 'key_01JD8Y3K5M7N9P1Q3R5S7T9V1W';
  const common = 'key_01JD8Y3K5M7N9P1Q3R5S7T9V1X';
  const start = Date.now() - 60 * 60 * 1000;
  const count = 1_200;
  let as: Credentials;
  let accountId: string;

  beforeAll(async () => {
    const account = await newAccount({ plan: 'enterprise' });
    as = bearer(account.key);
    accountId = account.id;
    const { flushUsage, logRequest } = await import('#server/modules/usage/service.ts');
    for (let at = 0; at < count; at++)
      logRequest({
        accountId,
        requestId: `req_${at}`,
        keyId: at % 400 === 0 ? rare : common,
        tool: at % 2 === 0 ? 'image-resize' : 'html-to-pdf',
        status: at % 100 === 0 ? 503 : at % 10 === 0 ? 422 : 200,
        bytesIn: 1,
        bytesOut: 1,
        totalMs: 1,
        address: '127.0.0.1',
        createdAt: start + at * 1_000,
      });
    await flushUsage();
  });

  test('gives every line once, the newest first, page by page', async () => {
    const lines = await allPages(as, { limit: '100' });
    expect(new Set(idsOf(lines)).size).toBe(count);
    expect(idsOf(lines)).toEqual(idsOf(lines).sort().reverse());
  });

  test('finds the calls of a key among many others', async () => {
    const lines = await allPages(as, { key_id: rare });
    expect(lines.map(({ request_id }) => request_id)).toEqual(['req_800', 'req_400', 'req_0']);
  });

  test('filters by tool and by how the call ended, alone and together', async () => {
    expect(await allPages(as, { tool: 'html-to-pdf', limit: '100' })).toHaveLength(600);
    expect(await allPages(as, { status_class: '5xx' })).toHaveLength(12);
    expect(await allPages(as, { status_class: '4xx', limit: '100' })).toHaveLength(108);
    const from = new Date(start + 1_100_000).toISOString();
    expect(await allPages(as, { status_class: '2xx', from, limit: '100' })).toHaveLength(90);
    const both = { status_class: '5xx', tool: 'image-resize', key_id: common };
    const lines = await allPages(as, both);
    expect(lines).toHaveLength(9);
    for (const line of lines)
      expect(line).toMatchObject({ status: 503, tool: 'image-resize', key_id: common });
  });

  test('takes the first moment in, and the last one not', async () => {
    const at = (index: number) => new Date(start + index * 1_000).toISOString();
    const lines = await allPages(as, { from: at(10), to: at(15), limit: '2' });
    const names = lines.map(({ request_id }) => request_id);
    expect(names).toEqual(['req_14', 'req_13', 'req_12', 'req_11', 'req_10']);
  });

  test('takes a cursor for the very same filters alone', async () => {
    const { next_cursor } = await list(as, { limit: '5' });
    const query = new URLSearchParams({ cursor: next_cursor ?? '', tool: 'image-resize' });
    expect((await call('GET', `/request-logs?${query}`, as)).status).toBe(422);
  });

  test('refuses filters that cannot be', async () => {
    for (const query of ['tool=nothing', 'status_class=3xx', 'from=today', 'key_id=x', 'limit=0'])
      expect((await call('GET', `/request-logs?${query}`, as)).status, query).toBe(422);
    const backwards = 'from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z';
    expect((await call('GET', `/request-logs?${backwards}`, as)).status).toBe(422);
  });

  test('shows no line whose time is over, although it is still stored', async () => {
    const { flushUsage, logRequest } = await import('#server/modules/usage/service.ts');
    const { database } = await import('#server/database.ts');
    const own = await newAccount();
    const old = { tool: 'image-resize', status: 200, bytesIn: 1, bytesOut: 1, totalMs: 1 };
    const createdAt = Date.now() - 31 * 24 * 60 * 60 * 1000;
    const by = { accountId: own.id, requestId: 'req_old', address: '127.0.0.1' };
    logRequest({ ...by, ...old, createdAt });
    await flushUsage();
    const { data } = await database().requestLog.query.byAccount({ accountId: own.id }).go();
    expect(data).toHaveLength(1);
    expect((await list(bearer(own.key))).data).toEqual([]);
    const { status } = await call('GET', `/request-logs/${data[0]?.id}`, bearer(own.key));
    expect(status).toBe(404);
  });
});
