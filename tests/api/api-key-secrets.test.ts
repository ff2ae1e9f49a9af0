import { setTimeout as pause } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  bearer,
  type Credentials,
  call,
  callTrpc,
  moveElsewhere,
  sessionOf,
} from '../support/callers.ts';
import { connectRaw, requestHead } from '../support/raw.ts';
import { jpeg, multipart, multipartType } from '../support/samples.ts';
import { dumpTable, holdersOf } from '../support/secrets.ts';
import { newAccount } from '../support/stack.ts';

let me: Credentials;
let account: Awaited<ReturnType<typeof newAccount>>;
beforeEach(async () => {
  account = await newAccount({ plan: 'enterprise' });
  me = await sessionOf(account.id);
  // Refused calls are counted by their address.
  moveElsewhere();
});

/** Every secret that this file was ever shown. */
const shown: string[] = [];

async function create(body: Record<string, unknown> = {}, as = me) {
  const { status, json } = await call('POST', '/api-keys', as, { name: 'key', ...body });
  expect(status).toBe(201);
  shown.push(json.key);
  return json as { id: string; key: string };
}
async function rotate(id: string, body: Record<string, unknown>) {
  const { json } = await call('POST', `/api-keys/${id}/rotate`, me, body);
  shown.push(json.key);
  return json as { key: string; last4: string; previous_secret_expires_at: string };
}
const statusOf = async (key: string) => (await call('GET', '/usage', bearer(key))).status;
const until = (key: string, timeout: number) =>
  expect.poll(() => statusOf(key), { timeout, interval: 100 });

describe('a rotation', () => {
  test('gives a new secret at once, and ends the one before when its grace is over', async () => {
    const { id, key } = await create();
    const before = Date.now();
    const next = await rotate(id, { grace_seconds: 2 });
    expect(next.key).not.toBe(key);
    expect(next.last4).toBe(next.key.slice(-4));
    expect(Date.parse(next.previous_secret_expires_at)).toBeGreaterThanOrEqual(before + 2000);
    expect(await Promise.all([statusOf(key), statusOf(next.key)])).toEqual([200, 200]);
    await until(key, 5_000).toBe(401);
    expect(await statusOf(next.key)).toBe(200);
  });

  test('without grace the secret before is refused at once', async () => {
    const { id, key } = await create();
    expect(await statusOf(key)).toBe(200);
    const next = await rotate(id, { grace_seconds: 0 });
    expect(await Promise.all([statusOf(key), statusOf(next.key)])).toEqual([401, 200]);
  });

  test('one without grace ends every secret before it, and a later one revives none', async () => {
    const { id, key } = await create();
    const second = await rotate(id, { grace_seconds: 604_800 });
    const third = await rotate(id, { grace_seconds: 0 });
    const statuses = async (...keys: string[]) => Promise.all(keys.map(statusOf));
    expect(await statuses(key, second.key, third.key)).toEqual([401, 401, 200]);
    const fourth = await rotate(id, { grace_seconds: 604_800 });
    moveElsewhere();
    expect(await statuses(key, second.key, third.key, fourth.key)).toEqual([401, 401, 200, 200]);
  });

  test('a shorter grace holds for every secret before, a longer one prolongs none', async () => {
    const { id, key } = await create();
    const second = await rotate(id, { grace_seconds: 2 });
    const third = await rotate(id, { grace_seconds: 604_800 });
    await until(key, 10_000).toBe(401);
    moveElsewhere();
    expect(await Promise.all([second.key, third.key].map(statusOf))).toEqual([200, 200]);
    const fourth = await rotate(id, { grace_seconds: 1 });
    await until(second.key, 10_000).toBe(401);
    moveElsewhere();
    await until(third.key, 10_000).toBe(401);
    expect(await statusOf(fourth.key)).toBe(200);
  });

  test('of two at once, one without grace, what was before both is over', async () => {
    const { id, key } = await create();
    const made = await Promise.all([
      rotate(id, { grace_seconds: 604_800 }),
      rotate(id, { grace_seconds: 0 }),
    ]);
    const { json } = await call('GET', '/api-keys', me);
    const { last4 } = json.data.find((row: { id: string }) => row.id === id);
    const isLast = made[1].last4 === last4;
    expect(await statusOf(key)).toBe(401);
    expect(await Promise.all(made.map((each) => statusOf(each.key)))).toEqual([
      isLast ? 401 : 200,
      200,
    ]);
  });

  test('of ten at once each gives a secret that works', async () => {
    const { id } = await create();
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => call('POST', `/api-keys/${id}/rotate`, me, {})),
    );
    const made = replies
      .filter(({ status }) => status === 200)
      .map(({ json }) => json.key as string);
    shown.push(...made);
    expect(replies.filter(({ status }) => status !== 200 && status !== 409)).toEqual([]);
    expect(made.length).toBeGreaterThan(0);
    expect(await Promise.all(made.map(statusOf))).toEqual(made.map(() => 200));
  });

  test('every secret ends with the key', async () => {
    const { id, key } = await create();
    const next = await rotate(id, {});
    await call('DELETE', `/api-keys/${id}`, me);
    expect(await Promise.all([statusOf(key), statusOf(next.key)])).toEqual([401, 401]);
  });

  test.each([-1, 604_801, 1.5, 'day'])('refuses a grace of %j', async (grace) => {
    const path = `/api-keys/${account.keyId}/rotate`;
    expect((await call('POST', path, me, { grace_seconds: grace })).status).toBe(422);
    expect(await statusOf(account.key)).toBe(200);
  });
});

describe('while fifty requests fly', () => {
  const ends: [string, (id: string) => Promise<unknown>][] = [
    ['deleted', (id) => call('DELETE', `/api-keys/${id}`, me)],
    ['switched off', (id) => call('PATCH', `/api-keys/${id}`, me, { is_enabled: false })],
    ['deleted in the dashboard', (id) => callTrpc('mutation', 'apiKeys.delete', me, { id })],
  ];
  test.each(ends)('a key that is %s is refused within five seconds', async (_how, end) => {
    const { id, key } = await create();
    expect(await statusOf(key)).toBe(200);
    const seen: number[] = [];
    // However fast the machine is, fifty at four a second stay below the rate of the account.
    const fly = async () => {
      while (!seen.includes(401)) {
        seen.push(await statusOf(key));
        await pause(250);
      }
    };
    const flying = Array.from({ length: 50 }, fly);
    await end(id);
    await until(key, 5_000).toBe(401);
    await Promise.all(flying);
    expect(new Set(seen)).toEqual(new Set([200, 401]));
    moveElsewhere();
    expect(await Promise.all([statusOf(key), statusOf(key)])).toEqual([401, 401]);
  });

  test('a call that was let in before ends as if nothing had happened', async () => {
    const { id, key } = await create();
    const file = { name: 'file', filename: 'a.jpg', body: await jpeg() };
    const form = multipart([file, { name: 'width', body: '8' }]);
    const head = requestHead('POST /api/v1/tools/image-resize', {
      ...bearer(key),
      'Content-Type': multipartType,
      'Content-Length': form.length,
      Expect: '100-continue',
    });
    const connection = await connectRaw();
    await connection.write(head);
    await expect.poll(connection.statusLines).toContain('HTTP/1.1 100 Continue');
    await call('DELETE', `/api-keys/${id}`, me);
    expect(await statusOf(key)).toBe(401);
    await connection.write(form);
    expect((await connection.answer)?.status).toBe(200);
    connection.socket.destroy();
  });

  test('a smaller plan applies to the calls that follow within five seconds', async () => {
    const { id, key } = await newAccount({ plan: 'enterprise' });
    const limit = async () =>
      (await call('GET', '/usage', bearer(key))).headers.get('x-ratelimit-limit');
    expect(await limit()).toBe('2400');
    const { updateAccount } = await import('#server/modules/account/service.ts');
    await updateAccount(id, { plan: 'pro' });
    await expect.poll(limit, { timeout: 5_500, interval: 200 }).toBe('240');
  });

  test('a scope that is taken away, an end and an address apply to the next call', async () => {
    const { id, key } = await create();
    const change = (body: unknown) => call('PATCH', `/api-keys/${id}`, me, body);
    await change({ scopes: ['tools:run'] });
    expect(await statusOf(key)).toBe(403);
    await change({ scopes: ['usage:read'], allowed_addresses: ['192.0.2.1'] });
    expect(await statusOf(key)).toBe(403);
    const soon = new Date(Date.now() + 1_000).toISOString();
    await change({ allowed_addresses: [], expires_at: soon });
    await until(key, 5_000).toBe(401);
  });
});

test('no secret lies in the table, in a log or in any other file', async () => {
  await create({}, { ...me, 'idempotency-key': `secret-${Date.now()}` });
  const { key } = await create({ scopes: ['tools:run'] }, { ...me, 'user-agent': shown[0] ?? '' });
  await call('POST', '/tools/image-resize', bearer(key), { url: 'http://10.0.0.1/', width: 1 });
  await call('GET', `/usage?key=${key}`, bearer(key));
  expect(shown.length).toBeGreaterThan(10);
  expect(await dumpTable()).toContain(shown[0]?.slice(-4));
  expect(await holdersOf(shown.map((each) => each.slice(8)))).toEqual([]);
});
