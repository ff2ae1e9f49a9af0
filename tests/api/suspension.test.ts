import { beforeAll, describe, expect, test } from 'vitest';
import { bearer, type Credentials, call, sessionOf } from '../support/callers.ts';
import { mailTo } from '../support/mails.ts';
import { login, newPerson, refresh, registered } from '../support/people.ts';
import { expectProblem } from '../support/problem.ts';
import { newAccount } from '../support/stack.ts';

beforeAll(() => {});

const accounts = () => import('#server/modules/account/service.ts');

async function newAdmin(): Promise<{ id: string; as: Credentials }> {
  const { id } = await newAccount({ plan: 'enterprise' });
  await (await accounts()).updateAccount(id, { role: 'admin' });
  return { id, as: await sessionOf(id) };
}

const reason = 'Payments were charged back.';
const suspend = (as: Credentials, id: string, body: object = { reason }) =>
  call('POST', `/admin/users/${id}/suspend`, as, body);
const restore = (as: Credentials, id: string) => call('POST', `/admin/users/${id}/restore`, as, {});

/** An owner with a password, a key and two ways of being signed in. */
async function customer() {
  const person = await registered();
  const id = (await (await accounts()).findAccountByEmail(person.email))?.id ?? '';
  const { json } = await login(person);
  const key = await call('POST', '/api-keys', bearer(json.access_token), {
    name: 'mine',
    mode: 'live',
    scopes: ['usage:read'],
  });
  return { id, person, tokens: json, cookie: await sessionOf(id), key: bearer(key.json.key) };
}

describe('an account that an admin suspends', () => {
  test('has no session any more, its key is told why, and all of it works again once restored', async () => {
    const { cookie, id, key, person, tokens } = await customer();
    const { as, id: adminId } = await newAdmin();
    const me = bearer(tokens.access_token);
    expect((await call('GET', '/usage', key)).status).toBe(200);
    expect((await call('GET', '/users/me', me)).status).toBe(200);

    const shut = await suspend(as, id);
    expect(shut.json).toMatchObject({ id, object: 'user', suspended_reason: reason });
    const { listSessions } = await import('#server/modules/session/service.ts');
    expect(await listSessions(id)).toEqual([]);
    const statuses = async () => [
      (await call('GET', '/users/me', me)).status,
      (await call('GET', '/users/me', cookie)).status,
      (await call('GET', '/usage', key)).json.code,
    ];
    await expect
      .poll(statuses, { timeout: 20_000, interval: 250 })
      .toEqual([401, 401, 'account_suspended']);
    const refused = await call('GET', '/usage', key);
    expectProblem(refused, refused.text, 'account_suspended');
    expect((await login(person)).status).toBe(401);
    expect((await refresh(tokens.refresh_token)).status).toBe(401);
    expect((await mailTo(person.email, 'Your account was suspended')).text).toContain(reason);

    const open = await restore(as, id);
    expect(open.json).toMatchObject({ id, suspended_at: null, suspended_reason: null });
    const status = async () => (await call('GET', '/usage', key)).status;
    await expect.poll(status, { timeout: 20_000, interval: 250 }).toBe(200);
    expect((await call('GET', '/users/me', me)).status).toBe(401);
    const signed = await login(person);
    expect(signed.status).toBe(200);
    await mailTo(person.email, 'Your account works again');

    const log = await call('GET', '/audit-logs?limit=50', bearer(signed.json.access_token));
    const noted = log.json.data.filter(({ actor }: { actor: { account_id: string } }) =>
      [adminId].includes(actor.account_id),
    );
    const change = {
      account_id: id,
      actor: { kind: 'session', account_id: adminId, key_id: null },
    };
    expect(noted).toEqual([
      expect.objectContaining({ ...change, action: 'account.restored', before: { reason } }),
      expect.objectContaining({ ...change, action: 'account.suspended', after: { reason } }),
    ]);
  });

  test('is suspended once: again, and by many at once, it is one event and one mail', async () => {
    const { id, person } = await customer();
    const { as } = await newAdmin();
    const replies = await Promise.all(Array.from({ length: 5 }, () => suspend(as, id)));
    expect(replies.map(({ status }) => status)).toEqual(Array(5).fill(200));
    expect((await suspend(as, id, { reason: 'another' })).json.suspended_reason).toBe(reason);
    const { listEvents } = await import('#server/modules/audit/service.ts');
    const { rows } = await listEvents(id, { limit: 100 });
    expect(rows.filter(({ action }) => action === 'account.suspended')).toHaveLength(1);
    await mailTo(person.email, 'Your account was suspended');
  });

  test('gets the job that it has begun, and nothing is deleted or charged otherwise', async () => {
    const { id, key: secret } = await newAccount();
    const key = bearer(secret);
    const { as } = await newAdmin();
    const options = { html: '<p>slow', wait: { delay_ms: 3_000 } };
    const begun = await call(
      'POST',
      '/tools/html-to-pdf',
      { ...key, prefer: 'respond-async' },
      options,
    );
    expect(begun.status, begun.text).toBe(202);
    const { findJob } = await import('#server/modules/job/service.ts');
    const jobKey = { accountId: id, id: begun.json.id };
    const state = async () => (await findJob(jobKey))?.status;
    await expect.poll(state, { timeout: 30_000, interval: 100 }).not.toBe('queued');
    expect((await suspend(as, id)).status).toBe(200);
    await expect.poll(state, { timeout: 50_000, interval: 250 }).toBe('succeeded');
    const account = await (await accounts()).findAccount(id);
    expect(account).toMatchObject({ plan: 'free', isSuspended: true });
  });

  test('is somebody else: no admin shuts the own account, and a reason is needed', async () => {
    const { as, id } = await newAdmin();
    const own = await suspend(as, id);
    expectProblem(own, own.text, 'conflict');
    const { id: other } = await newAccount();
    for (const body of [{}, { reason: ' ' }, { reason: 'x'.repeat(501) }]) {
      const reply = await suspend(as, other, body);
      expect(expectProblem(reply, reply.text, 'invalid_input').param).toBe('reason');
    }
    const missing = await suspend(as, `usr_${'0'.repeat(26)}`);
    expectProblem(missing, missing.text, 'not_found');
    expect((await call('GET', `/admin/users/${other}`, as)).json.suspended_at).toBeNull();
  });

  test('is the only one that is restored: an open one keeps its sessions and gets no mail', async () => {
    const { as } = await newAdmin();
    const { id } = await newAccount();
    const owner = await sessionOf(id);
    expect((await restore(as, id)).json).toMatchObject({ id, suspended_at: null });
    expect((await call('GET', '/users/me', owner)).status).toBe(200);
    const { listSessions } = await import('#server/modules/session/service.ts');
    expect(await listSessions(id)).toHaveLength(1);
    const { listEvents } = await import('#server/modules/audit/service.ts');
    const { rows } = await listEvents(id, { limit: 100 });
    expect(rows.map(({ action }) => action)).not.toContain('account.restored');
  });
});

test('admins find an account by its address in any spelling, or by going through all', async () => {
  const { as } = await newAdmin();
  const person = await registered();
  const found = await call('GET', `/admin/users?email=${person.email.toUpperCase()}`, as);
  expect(found.json).toMatchObject({ data: [{ email: person.email }], has_more: false });
  const { id } = found.json.data[0];
  const nobody = await call('GET', `/admin/users?email=${newPerson().email}`, as);
  expect(nobody.json.data).toEqual([]);
  const ids = async () => {
    const first = await call('GET', '/admin/users?limit=1', as);
    const next = await call(
      'GET',
      `/admin/users?limit=100&starting_after=${first.json.next_cursor}`,
      as,
    );
    return [...first.json.data, ...next.json.data].map((each: { id: string }) => each.id);
  };
  const all = await ids();
  expect(all).toContain(id);
  expect(new Set(all).size).toBe(all.length);
});
