import { createECDH, createPublicKey, randomBytes, verify } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Credentials, call, sessionOf } from '../support/callers.ts';
import { expectProblem } from '../support/problem.ts';
import {
  answering,
  type Receiver,
  startForbiddenReceiver,
  startReceiver,
} from '../support/receiver.ts';
import { newAccount, stack } from '../support/stack.ts';

let service: Receiver;
beforeAll(async () => {
  service = await startReceiver();
});
afterAll(() => service.close());

const soon = { timeout: 40_000, interval: 100 };
const path = '/push-subscriptions';

/** The keys that a browser would have made. */
function newKeys() {
  const pair = createECDH('prime256v1');
  return {
    p256dh: pair.generateKeys('base64url'),
    auth: randomBytes(16).toString('base64url'),
  };
}

async function newPerson(): Promise<{ id: string; as: Credentials }> {
  const { id } = await newAccount({ plan: 'pro' });
  return { id, as: await sessionOf(id) };
}

async function subscribe(as: Credentials, endpoint: string): Promise<void> {
  const reply = await call('POST', path, as, { endpoint, keys: newKeys(), expirationTime: null });
  expect(reply.status, reply.text).toBe(201);
}

async function tell(accountId: string): Promise<void> {
  const { notifyAccount } = await import('#server/modules/notification/service.ts');
  const news = { title: 'A secret title', text: 'x', link: '/dashboard/jobs' as const };
  await notifyAccount(accountId, 'job.failed', news);
}

async function isRemembered(accountId: string): Promise<boolean> {
  const { database } = await import('#server/database.ts');
  const { data } = await database().pushSubscription.query.byAccount({ accountId }).go();
  return data.length > 0;
}

const partOf = (token: string, at: number) => Buffer.from(token.split('.')[at] ?? '', 'base64url');

test('a notification goes to the push service encrypted, and signed by the key that browsers know', async () => {
  const { as, id } = await newPerson();
  const { received, url } = service.on(answering(201));
  await subscribe(as, url);
  await tell(id);
  await expect.poll(() => received.length, soon).toBe(1);
  const { body, headers } = received[0] ?? { body: '', headers: {} };
  expect(headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '86400' });
  expect(body).not.toContain('secret');
  const [, token = '', key = ''] =
    /^vapid t=([^,]+), k=(.+)$/.exec(headers.authorization ?? '') ?? [];
  expect(key).toBe(stack.env.VAPID_PUBLIC_KEY);
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) =>
    part.toString('base64url'),
  );
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  const signed = Buffer.from(token.slice(0, token.lastIndexOf('.')));
  const signature = partOf(token, 2);
  expect(verify('sha256', signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(
    true,
  );
  const claims = JSON.parse(partOf(token, 1).toString());
  expect(claims).toMatchObject({ aud: new URL(url).origin, sub: stack.env.VAPID_SUBJECT });
  expect(claims.exp * 1000).toBeGreaterThan(Date.now());
});

test('a browser that its push service has forgotten is forgotten here', async () => {
  for (const status of [404, 410]) {
    const { as, id } = await newPerson();
    const { received, url } = service.on(answering(status));
    await subscribe(as, url);
    await tell(id);
    await expect.poll(() => isRemembered(id), soon).toBe(false);
    expect(received).toHaveLength(1);
  }
});

test('a push service that is down forgets nobody, and the message waits', async () => {
  const { as, id } = await newPerson();
  const { received, url } = service.on(answering(503));
  await subscribe(as, url);
  await tell(id);
  await expect.poll(() => received.length, soon).toBe(1);
  expect(await isRemembered(id)).toBe(true);
});

test('what was not chosen for browsers goes to none', async () => {
  const { as, id } = await newPerson();
  const { received, url } = service.on(answering(201));
  await subscribe(as, url);
  const set = (push: boolean) =>
    call('PUT', '/notification-preferences', as, {
      preferences: { 'job.failed': { in_app: true, email: false, push } },
    });
  expect((await set(false)).json['job.failed']).toMatchObject({ push: false });
  await tell(id);
  await set(true);
  await tell(id);
  await expect.poll(() => received.length, soon).toBe(1);
  const { json } = await call('GET', '/notifications', as);
  expect(json.data[0]).toMatchObject({ count: 2 });
});

test('one browser belongs to whoever has subscribed it last, and only its owner ends that', async () => {
  const [first, second] = [await newPerson(), await newPerson()];
  const { received, url } = service.on(answering(201));
  await subscribe(first.as, url);
  await subscribe(second.as, url);
  expect(await isRemembered(first.id)).toBe(false);
  const query = `${path}?endpoint=${encodeURIComponent(url)}`;
  expect((await call('DELETE', query, first.as)).json).toEqual({ is_subscribed: false });
  expect(await isRemembered(second.id)).toBe(true);
  await tell(first.id);
  await tell(second.id);
  await expect.poll(() => received.length, soon).toBe(1);
  await call('DELETE', query, second.as);
  expect(await isRemembered(second.id)).toBe(false);
});

test('a browser whose session has ended is told nothing more', async () => {
  const { as, id } = await newPerson();
  const { received, url } = service.on(answering(201));
  await subscribe(as, url);
  const { endAllSessions } = await import('#server/modules/session/service.ts');
  await endAllSessions(id);
  await tell(id);
  await expect.poll(() => isRemembered(id), soon).toBe(false);
  expect(received).toEqual([]);
});

test('an address inside the own network is refused, and so are keys that are none', async () => {
  const { as } = await newPerson();
  const inside = await startForbiddenReceiver();
  const { received, url } = inside.on(answering(201));
  const keys = newKeys();
  for (const endpoint of [url, 'http://169.254.169.254/latest', 'ftp://push.example/x']) {
    const reply = await call('POST', path, as, { endpoint, keys });
    expect(reply.status, reply.text).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
  }
  expect(received).toEqual([]);
  await inside.close();
  const endpoint = service.on(answering(201)).url;
  const reply = await call('POST', path, as, { endpoint, keys: { ...keys, p256dh: 'AAAA' } });
  expect(expectProblem(reply, reply.text, 'invalid_input')).toMatchObject({ param: 'keys' });
});
