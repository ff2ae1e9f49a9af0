import { beforeAll, describe, expect, test } from 'vitest';
import { bearer, type Credentials, call, sessionOf } from '../support/callers.ts';
import { expectProblem } from '../support/problem.ts';
import { newAccount, newOwner, stack } from '../support/stack.ts';

type Account = Awaited<ReturnType<typeof newAccount>>;
type Event = { id: string; action: string; account_id: string; created_at: string };

let mine: Account;
let other: Account;
let me: Credentials;
let admin: Credentials;
beforeAll(async () => {
  [mine, other] = await Promise.all([
    newAccount({ plan: 'enterprise', scopes: ['audit:read', 'keys:write', 'tools:run'] }),
    newAccount({ plan: 'enterprise' }),
  ]);
  me = await sessionOf(mine.id);
  const { findAccountByEmail } = await import('#server/modules/account/service.ts');
  admin = await sessionOf((await findAccountByEmail('admin@nebula.local'))?.id ?? '');
});

const events = async (as = me, query = ''): Promise<Event[]> =>
  (await call('GET', `/audit-logs${query}`, as)).json.data;

describe('every change of a key is noted', () => {
  test('with who, what, from where, and how it was before and after', async () => {
    const as = { ...bearer(mine.key), 'user-agent': `ci/1.0 ${mine.key}` };
    const created = await call('POST', '/api-keys', as, { name: 'first', scopes: ['tools:run'] });
    const { id, key } = created.json;
    const patched = await call('PATCH', `/api-keys/${id}`, me, { name: 'second', monthly_cap: 9 });
    await call('PATCH', `/api-keys/${id}`, me, { name: 'second' });
    const rotated = await call('POST', `/api-keys/${id}/rotate`, me, { grace_seconds: 60 });
    const deleted = await call('DELETE', `/api-keys/${id}`, me);
    const found = (await events()).slice(0, 4);
    const person = { kind: 'session', account_id: mine.id, key_id: null };
    const requestId = (reply: { headers: Headers }) => reply.headers.get('x-request-id');
    expect(found).toMatchObject([
      { action: 'api_key.deleted', before: { name: 'second' }, request_id: requestId(deleted) },
      {
        action: 'api_key.rotated',
        before: { last4: key.slice(-4) },
        after: { last4: rotated.json.last4, graceSeconds: 60 },
      },
      {
        action: 'api_key.updated',
        actor: person,
        before: { name: 'first', monthlyCap: null },
        after: { name: 'second', monthlyCap: 9 },
        request_id: requestId(patched),
      },
      {
        action: 'api_key.created',
        object: 'audit_event',
        account_id: mine.id,
        actor: { kind: 'key', account_id: mine.id, key_id: mine.keyId },
        target: { type: 'api_key', id },
        address: expect.stringMatching(/^127\./),
        user_agent: 'ci/1.0 nb_live_…',
        request_id: requestId(created),
        before: null,
        after: { name: 'first', mode: 'live', scopes: ['tools:run'] },
      },
    ]);
    const text = JSON.stringify(found);
    for (const secret of [key, rotated.json.key, mine.key]) expect(text).not.toContain(secret);
  });

  test('and what was refused has changed nothing, and is not', async () => {
    const before = await events();
    await call('POST', '/api-keys', me, { name: '' });
    await call('DELETE', `/api-keys/${other.keyId}`, me);
    await call('PATCH', `/api-keys/${mine.keyId}`, bearer(other.key), { name: 'x' });
    await call('POST', '/api-keys', bearer(mine.key), { name: 'x', scopes: ['usage:read'] });
    expect(await events()).toEqual(before);
    expect(await events(await sessionOf(other.id))).toHaveLength(1);
  });

  test('of fifty changes at once there are fifty events', async () => {
    const account = await newAccount({ plan: 'enterprise' });
    const session = await sessionOf(account.id);
    const { json } = await call('POST', '/api-keys', session, { name: 'k' });
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        call('PATCH', `/api-keys/${json.id}`, session, { monthly_cap: index }),
      ),
    );
    const changed = replies.filter(({ status }) => status === 200).length;
    const noted = (await events(session)).filter(({ action }) => action === 'api_key.updated');
    expect(changed).toBeGreaterThan(0);
    expect(noted).toHaveLength(changed);
  });
});

test('a change of plan and role by the operator is noted as one of the system', async () => {
  const { updateAccount } = await import('#server/modules/account/service.ts');
  await updateAccount(other.id, { plan: 'pro', role: 'admin' });
  await updateAccount(other.id, { plan: 'enterprise', role: 'user' });
  const found = await events(await sessionOf(other.id), '?limit=4');
  expect(found.map(({ action }) => action).sort()).toEqual([
    'account.plan_changed',
    'account.plan_changed',
    'account.role_changed',
    'account.role_changed',
  ]);
  expect(found).toContainEqual(
    expect.objectContaining({
      actor: { kind: 'system', account_id: null, key_id: null },
      target: { type: 'account', id: other.id },
      before: { plan: 'enterprise' },
      after: { plan: 'pro' },
    }),
  );
});

describe('pages', () => {
  test('show every event once, the newest first', async () => {
    const account = await newAccount({ plan: 'enterprise' });
    const session = await sessionOf(account.id);
    for (let index = 0; index < 6; index++)
      await call('POST', '/api-keys', session, { name: `k${index}` });
    const all = await events(session);
    expect(all).toHaveLength(7);
    expect(all.map(({ id }) => id)).toEqual(
      all
        .map(({ id }) => id)
        .sort()
        .reverse(),
    );
    const paged: Event[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { json } = await call('GET', `/audit-logs?limit=3${query}`, session);
      expect(json.data.length).toBeLessThanOrEqual(3);
      paged.push(...json.data);
      cursor = json.next_cursor;
    }
    expect(paged).toEqual(all);
  });

  test('a cursor is forged by nobody and of no use to another account', async () => {
    await call('POST', '/api-keys', me, { name: 'one more' });
    const { json } = await call('GET', '/audit-logs?limit=1', me);
    const cursor: string = json.next_cursor;
    const ask = (as: Credentials, text: string, path = '/audit-logs') =>
      call('GET', `${path}?limit=1&starting_after=${encodeURIComponent(text)}`, as);
    expect((await ask(me, cursor)).status).toBe(200);
    const [body = '', signature = ''] = cursor.split('.');
    const foreign = Buffer.from(`evt_${'Z'.repeat(26)}`).toString('base64url');
    const wrong: [Credentials, string][] = [
      [await sessionOf(other.id), cursor],
      [me, `${foreign}.${signature}`],
      [me, body],
      [me, `${body}.`],
      [me, ''],
      [me, 'x'.repeat(2_000)],
    ];
    for (const [as, text] of wrong) {
      const reply = await ask(as, text);
      expect(expectProblem(reply, reply.text, 'invalid_input').param).toMatch(
        /^(starting_after|cursor)$/,
      );
    }
    expect((await ask(admin, cursor, '/admin/audit-logs')).status).toBe(422);
  });

  test.each(['limit=0', 'limit=101', 'account_id=usr_1', 'accountId=usr_1', 'month=2026-11'])(
    '%s is refused',
    async (query) => {
      expect((await call('GET', `/audit-logs?${query}`, me)).status).toBe(422);
    },
  );
});

describe('who sees the log', () => {
  test('an account its own events alone', async () => {
    for (const { account_id } of await events(me, '?limit=100')) expect(account_id).toBe(mine.id);
    expect((await call('GET', '/audit-logs', bearer(mine.key))).status).toBe(200);
    expect((await call('GET', '/audit-logs', bearer(other.key))).status).toBe(403);
  });

  test('an admin who is signed in those of all, by month', async () => {
    const { json } = await call('GET', '/admin/audit-logs?limit=100', admin);
    const accounts = new Set(json.data.map((event: Event) => event.account_id));
    expect(accounts.size).toBeGreaterThan(1);
    const { json: past } = await call('GET', '/admin/audit-logs?month=2001-01', admin);
    expect(past).toEqual({ data: [], has_more: false, next_cursor: null });
    for (const month of ['2026-13', '2026', '#', 'x'])
      expect((await call('GET', `/admin/audit-logs?month=${month}`, admin)).status).toBe(422);
    expect((await call('GET', '/admin/audit-logs', me)).status).toBe(403);
    expect((await call('GET', '/admin/audit-logs', bearer(stack.api_key))).status).toBe(403);
  });
});

test('an event whose time is over is shown no more, although it may still be stored', async () => {
  const { database } = await import('#server/database.ts');
  const { auditRow, systemSource } = await import('#server/modules/audit/service.ts');
  const { id: accountId } = await newOwner();
  const as = await sessionOf(accountId);
  const write = async (month: string, expiresAt: number) => {
    const event = { accountId, action: 'account.updated', targetId: accountId } as const;
    const row = { ...auditRow(systemSource, event), month, expiresAt };
    await database().auditEvent.create(row).go();
    return row.id;
  };
  const now = Math.floor(Date.now() / 1000);
  // A month that nothing else is noted in.
  const month = `${1000 + (now % 900)}-01`;
  const kept = await write(month, now + 3_600);
  const over = await write(month, now - 1);
  expect((await events(as)).map(({ id }) => id)).toEqual([kept]);
  const { json } = await call('GET', `/admin/audit-logs?month=${month}&limit=100`, admin);
  const ids = json.data.map(({ id }: Event) => id);
  expect(ids).toContain(kept);
  expect(ids).not.toContain(over);
});

test('an event is written once and never again', async () => {
  const { database } = await import('#server/database.ts');
  const [event] = await events();
  const row = { accountId: mine.id, id: event?.id ?? '' };
  const { data } = await database().auditEvent.get(row).go();
  const again = () =>
    database()
      .auditEvent.create(data as never)
      .go();
  await expect(again()).rejects.toThrow();
  const change = { action: 'x' } as never;
  expect(() => database().auditEvent.patch(row).set(change).params()).toThrow(/read-only/i);
});
