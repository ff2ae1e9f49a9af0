import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { bearer, call } from '../support/callers.ts';
import { leaveCalls } from '../support/quota.ts';
import { noise } from '../support/samples.ts';
import { api, newAccount, newOwner, postForm, postJson } from '../support/stack.ts';

type Row = {
  period: string;
  tool: string | null;
  key_id: string | null;
  calls: number;
  succeeded: number;
  failed: number;
  bytes_in: number;
  bytes_out: number;
  bytes_saved: number;
  run_ms: number;
  p50_ms: number | null;
  p95_ms: number | null;
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
const callsOf = async (key: string, query = '') =>
  (await usage(key, query)).map(({ calls }) => calls).sort();

beforeAll(async () => {
  mine = await newAccount({ plan: 'pro' });
  other = await newAccount({ plan: 'pro' });
  photo = await noise(64, 48);
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
    expect(await callsOf(mine.key, '?by=month')).toEqual([1, 3]);
  }, 30_000);
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
      bytes_saved: 2 * photo.length - bytesOut,
    });
    expect(resize?.run_ms).toBeGreaterThan(0);
    expect(resize?.p95_ms).toBeGreaterThanOrEqual(resize?.p50_ms ?? Number.POSITIVE_INFINITY);
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

describe('GET /usage by key', () => {
  test('has a row for each key, with the sums of all its tools', async () => {
    const { json } = await call('GET', '/usage?group_by=key', bearer(mine.key));
    expect(json.data).toMatchObject([{ tool: null, key_id: mine.keyId, calls: 4, failed: 1 }]);
    expect(json.total).toMatchObject({ calls: 4, succeeded: 3, failed: 1 });
    const byTool = await call('GET', '/usage', bearer(mine.key));
    expect(json.total).toEqual(byTool.json.total);
  });

  test('is of one tool and one key together, by whichever of the two the rows are', async () => {
    const keyId = mine.keyId;
    const of = async (query: string) =>
      (await call('GET', `/usage?${query}`, bearer(mine.key))).json;
    for (const group of ['tool', 'key']) {
      const both = await of(`group_by=${group}&tool=image-resize&key_id=${keyId}`);
      const row = group === 'tool' ? { tool: 'image-resize', key_id: null } : { key_id: keyId };
      expect(both.data).toMatchObject([{ ...row, calls: 3, succeeded: 2, failed: 1 }]);
      expect(both.total.p95_ms).toBe((await usage(mine.key, '?tool=image-resize'))[0]?.p95_ms);
      expect((await of(`group_by=${group}&key_id=dashboard`)).data).toEqual([]);
    }
    const tools = await of(`key_id=${keyId}&by=month`);
    expect(tools.groups.map(({ tool }: Row) => tool)).toEqual(['image-resize', 'html-to-pdf']);
    const keys = await of('group_by=key&tool=html-to-pdf');
    expect(keys.groups).toMatchObject([{ key_id: keyId, calls: 1 }]);
    expect((await of(`key_id=${other.keyId}`)).total.calls).toBe(0);
  });

  test('has the percentiles of each period over all of its rows', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const { json } = await call('GET', `/usage?from=${today}`, bearer(mine.key));
    expect(json.periods).toMatchObject([{ period: today, calls: 4, p95_ms: json.total.p95_ms }]);
  });

  test('sums the periods that were asked for by tool, the busiest first', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const query = `/usage?from=${today}&to=${today}`;
    const { json } = await call('GET', query, bearer(mine.key));
    expect(json.groups.map(({ tool }: Row) => tool)).toEqual(['image-resize', 'html-to-pdf']);
    const none = await call('GET', '/usage?to=2001-01-01', bearer(mine.key));
    expect(none.json).toMatchObject({ data: [], groups: [], total: { calls: 0, p50_ms: null } });
    const later = await call('GET', '/usage?from=2999', bearer(mine.key));
    expect(later.json.data).toEqual([]);
    for (const query of ['from=2026-02&to=2026-01', 'period=2025&from=2026']) {
      const backwards = await call('GET', `/usage?${query}`, bearer(mine.key));
      expect(backwards.json, query).toMatchObject({ data: [], total: { calls: 0 } });
    }
  });
});

type Address = { Key: { pk: string; sk: string }; TableName: string };

describe('the counters', () => {
  const sizes = { bytesIn: 5, bytesOut: 3, bytesSaved: 2, runMs: 7 };

  test('of all calls of a tool with a key are two rows, of the day and of the month', async () => {
    const { database } = await import('#server/database.ts');
    const { data } = await database().usage.query.byPeriod({ accountId: other.id }).go();
    expect(data.map(({ period }) => period.split('#')[0])).toEqual(['day', 'month']);
    for (const row of data)
      expect(row).toMatchObject({ tool: 'html-to-pdf', keyId: other.keyId, calls: 1 });
  });

  test('are summed up exactly by tool and by key, of one tool, one key or both', async () => {
    const own = await newAccount({ plan: 'pro' });
    const { flushUsage, recordCall } = await import('#server/modules/usage/service.ts');
    const second = own.keyId.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    const keys = [own.keyId, second, undefined];
    const calls = ['html-to-pdf', 'image-resize', 'image-match'].flatMap((tool, row) =>
      keys.flatMap((keyId, column) =>
        Array.from({ length: 1 + 3 * row + column }, (_, at) => {
          const status = at % 3 === 2 ? 422 : 200;
          return { accountId: own.id, tool, keyId, status, ...sizes, totalMs: 10 ** (at % 4) };
        }),
      ),
    );
    for (const each of calls) recordCall(each);
    await flushUsage();
    for (const by of ['day', 'month'])
      for (const tool of ['', 'image-resize'])
        for (const key of ['', second, 'dashboard']) {
          const keyId = key === 'dashboard' ? undefined : key;
          const passing = calls.filter(
            (each) => (!tool || each.tool === tool) && (key === '' || each.keyId === keyId),
          );
          const filter = `by=${by}${tool && `&tool=${tool}`}${key && `&key_id=${key}`}`;
          const [byTool, byKey] = await Promise.all(
            ['tool', 'key'].map((group) =>
              call('GET', `/usage?${filter}&group_by=${group}`, bearer(own.key)),
            ),
          );
          const failed = passing.filter(({ status }) => status === 422).length;
          const count = passing.length;
          expect(byTool?.json.total, filter).toMatchObject({
            calls: count,
            failed,
            succeeded: count - failed,
            bytes_in: 5 * count,
            bytes_out: 3 * count,
            bytes_saved: 2 * count,
            run_ms: 7 * count,
          });
          expect(byKey?.json.total, filter).toEqual(byTool?.json.total);
          const callsBy = (name: (row: Row) => string | null, rows: Row[]) =>
            new Map(rows.map((row) => [name(row), row.calls]));
          const expected = (name: (one: (typeof calls)[number]) => string | null) =>
            new Map([...Map.groupBy(passing, name)].map(([of, some]) => [of, some.length]));
          expect(callsBy(({ tool: of }) => of, byTool?.json.groups)).toEqual(
            expected(({ tool: of }) => of),
          );
          expect(callsBy(({ key_id: of }) => of, byKey?.json.groups)).toEqual(
            expected(({ keyId: of }) => of ?? null),
          );
        }
  });

  test('are summed up over as many pages as the database answers with', async () => {
    const { id: accountId } = await newOwner();
    const { database } = await import('#server/database.ts');
    const { dynamo } = await import('#server/platform/dynamo.ts');
    const { readUsage } = await import('#server/modules/usage/service.ts');
    // A page has a megabyte, and each row is made a large one.
    const filler = { ':filler': { S: 'x'.repeat(150_000) } };
    const change = { UpdateExpression: 'SET filler = :filler', ExpressionAttributeValues: filler };
    for (let at = 0; at < 9; at++) {
      const row = { accountId, period: 'day#2026-11-23', tool: 'image-resize', keyId: `key_${at}` };
      await database()
        .usage.put({ ...row, calls: 1, ms5: 1 })
        .go();
      const { Key, TableName } = database().usage.get(row).params<Address>();
      const key = { pk: { S: Key.pk }, sk: { S: Key.sk } };
      await dynamo().send(new UpdateItemCommand({ TableName, Key: key, ...change }));
    }
    const whole = await readUsage(accountId, { by: 'day', group_by: 'tool' });
    expect(whole.data).toMatchObject([{ period: '2026-11-23', calls: 9, p50_ms: 3 }]);
    const last = { by: 'day', group_by: 'key', period: '2026-11-23' } as const;
    expect((await readUsage(accountId, last)).groups).toHaveLength(9);
  });
});

describe('GET /usage/documents', () => {
  test('has a row for each tool, the busiest first, and nothing of another account', async () => {
    const { json } = await call('GET', '/usage/documents', bearer(mine.key));
    const [first, second, ...others] = json.data;
    expect(first).toMatchObject({
      object: 'document_usage',
      slug: 'image-resize',
      path: '/docs/tools/image-resize',
      calls: 3,
      failed: 1,
    });
    expect(first.success_rate).toBeCloseTo(2 / 3);
    expect(second).toMatchObject({ slug: 'html-to-pdf', calls: 1, success_rate: 1 });
    expect(others).toHaveLength(5);
    for (const each of others)
      expect(each).toMatchObject({ calls: 0, success_rate: null, p95_ms: null });
    const none = await call('GET', '/usage/documents?to=2001-01-01', bearer(mine.key));
    expect(none.json.data[0]).toMatchObject({ calls: 0 });
  });
});

describe('GET /usage/quota', () => {
  test('says what is used, and what will be if it goes on so', async () => {
    const { id, key } = await newAccount();
    await leaveCalls(id, 240);
    const { json } = await call('GET', '/usage/quota', bearer(key));
    expect(json).toMatchObject({ limit: 250, remaining: 240, used: 10, projected: 300 });
    expect(Date.parse(json.resets_at) - Date.parse(json.began_at)).toBe(30 * 24 * 60 * 60 * 1000);
  });
});

test('200 racing calls, and others counted by a second process, add up exactly', async () => {
  const { id, key, keyId } = await newAccount({ plan: 'enterprise' });
  const { flushUsage, recordCall } = await import('#server/modules/usage/service.ts');
  const run = async () => {
    const file = new Blob([new Uint8Array(photo)]);
    const response = await postForm('image-resize', key, { file, width: '7' });
    expect(response.status, await response.clone().text()).toBe(200);
    return (await response.arrayBuffer()).byteLength;
  };
  // The first makes the result that the others get again.
  const size = await run();
  const racing = Array.from({ length: 200 }, run);
  const saved = photo.length - size;
  const sizes = { bytesIn: photo.length, bytesOut: size, bytesSaved: saved };
  const others = Array.from({ length: 50 }, () => {
    const caller = { accountId: id, keyId, tool: 'image-resize', status: 200 };
    recordCall({ ...caller, ...sizes, totalMs: 3 });
    return flushUsage();
  });
  await Promise.all([...racing, ...others]);
  const calls = 251;
  const sums = {
    calls,
    succeeded: calls,
    failed: 0,
    bytes_in: calls * photo.length,
    bytes_out: calls * size,
    bytes_saved: calls * saved,
  };
  for (const query of ['?by=day', '?by=month', '?by=day&group_by=key', '?by=month&group_by=key'])
    await vi.waitFor(async () => expect(await usage(key, query)).toMatchObject([sums]), {
      timeout: 30_000,
    });
}, 120_000);
