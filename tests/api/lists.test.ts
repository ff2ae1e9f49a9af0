import { beforeAll, describe, expect, test } from 'vitest';
import { routes } from '#server/rest/route-table.ts';
import { fixtures } from '../support/access.ts';
import { type Credentials, call, sessionOf } from '../support/callers.ts';
import { expectProblem } from '../support/problem.ts';
import { api, newAccount } from '../support/stack.ts';

/** Lists that go on, each with what its rows are; an admin's are tried by their own tests. */
const lists: Record<string, string> = {
  '/jobs': 'job',
  '/batches': 'batch',
  '/pipelines': 'pipeline',
  '/files': 'file',
  '/webhook-deliveries': 'webhookDelivery',
  '/notifications': 'notification',
  '/request-logs': 'requestLog',
  '/invoices': 'invoice',
  '/audit-logs': 'apiKey',
  '/conversations': 'conversation',
};

let owner: Credentials;
let ownerId: string;
let stranger: Credentials;
beforeAll(async () => {
  ownerId = (await newAccount({ plan: 'enterprise' })).id;
  owner = await sessionOf(ownerId);
  stranger = await sessionOf((await newAccount({ plan: 'enterprise' })).id);
});

test('every list that goes on is one of these', async () => {
  const document = await (await fetch(`${api}/openapi.json`)).json();
  const paged = routes
    .filter(({ meta }) => meta.openapi.method === 'GET' && !meta.openapi.path.startsWith('/admin'))
    .map(({ meta }) => meta.openapi.path)
    .filter((path) => {
      const { parameters = [] } = document.paths[path].get as { parameters?: { name: string }[] };
      return parameters.some(({ name }) => name === 'starting_after');
    });
  expect(paged.sort()).toEqual(Object.keys(lists).sort());
});

describe.each(Object.entries(lists))('GET %s', (path, fixture) => {
  const page = async (as: Credentials, query: string) => {
    const { json, status, text } = await call('GET', `${path}?${query}`, as);
    expect(status, text).toBe(200);
    return json as { data: { id: string }[]; has_more: boolean; next_cursor: string | null };
  };

  test('goes on after its cursor, says whether there is more, and takes nobody else’s cursor', async () => {
    for (let made = 0; made < 3; made++) await fixtures[fixture]?.(ownerId);
    const rows = async () => (await page(owner, 'limit=3')).data.length;
    await expect.poll(rows, { timeout: 20_000 }).toBe(3);
    const all = await page(owner, 'limit=3');
    const first = await page(owner, 'limit=2');
    expect(first.data.map(({ id }) => id)).toEqual(all.data.slice(0, 2).map(({ id }) => id));
    expect(first.has_more).toBe(true);
    const cursor = encodeURIComponent(first.next_cursor ?? '');
    const second = await page(owner, `limit=1&starting_after=${cursor}`);
    expect(second.data.map(({ id }) => id)).toEqual([all.data[2]?.id]);
    expect(await page(owner, `limit=1&cursor=${cursor}`)).toMatchObject({
      data: [{ id: all.data[2]?.id }],
    });
    expect(second.has_more).toBe(second.next_cursor !== null);
    expect(await page(stranger, 'limit=2')).toMatchObject({ has_more: expect.any(Boolean) });
    const [body = '', signature = ''] = (first.next_cursor ?? '').split('.');
    const forged = [
      'x',
      'eyJwayI6ImEifQ',
      `${Buffer.from('{"pk":"$nebula"}').toString('base64url')}.x`,
      `${Buffer.from('another place').toString('base64url')}.${signature}`,
      `${body}.${'A'.repeat(signature.length)}`,
    ];
    for (const [as, text] of [
      [stranger, first.next_cursor ?? ''] as const,
      ...forged.map((each) => [owner, each] as const),
    ]) {
      const reply = await call('GET', `${path}?starting_after=${encodeURIComponent(text)}`, as);
      expect(expectProblem(reply, reply.text, 'invalid_input').param).toBe('starting_after');
    }
  });
});
