import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, sessionOf } from '../support/callers.ts';
import { expectProblem } from '../support/problem.ts';
import {
  type Answer,
  answering,
  type Received,
  type Receiver,
  startForbiddenReceiver,
  startReceiver,
} from '../support/receiver.ts';
import { newAccount } from '../support/stack.ts';
import {
  afterAttempts,
  alterEndpoint,
  deliveriesTo,
  emit,
  endpointOf,
  makeDue,
  newEndpoint,
} from '../support/webhooks.ts';

/** WEBHOOK_EVENTS=2000 is the whole. */
const storm = Number(process.env.WEBHOOK_EVENTS ?? 200);
/** What waits for an endpoint that never answers; DEAD_EVENTS=10000 is the whole. */
const backlog = Number(process.env.DEAD_EVENTS ?? 60);
const day = 24 * 60 * 60 * 1000;

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

/** An account of its own with one endpoint that answers so. */
async function endpointThat(answer: Answer, settings: Record<string, unknown> = {}) {
  const { id: accountId } = await newAccount({ plan: 'enterprise' });
  const me = await sessionOf(accountId);
  const { received, url } = receiver.on(answer);
  const { id, secret } = await newEndpoint(me, { url, ...settings });
  return { accountId, me, id, secret, received, url };
}

const arrived = (received: Received[], count: number) =>
  expect.poll(() => received.length, { timeout: 30_000 }).toBe(count);

const verify = (secret: string, { body, headers }: Received) =>
  new Webhook(secret).verify(body, headers as Record<string, string>);

describe('an event', () => {
  test('arrives signed, as the public verifier wants it, and is logged with its answer', async () => {
    const { accountId, id, me, received, secret } = await endpointThat(
      answering(200, {}, 'thank you'),
    );
    const data = { id: 'job_1', name: 'Größe 文書 🧾', ratio: 1.5, z: 1, a: [null, true] };
    const eventId = await emit(accountId, data);
    const delivery = await afterAttempts(me, id);
    expect(received).toHaveLength(1);
    const [request] = received as [Received];
    expect(verify(secret, request)).toMatchObject({ type: 'job.succeeded', data });
    expect(request.headers).toMatchObject({
      'webhook-id': eventId,
      'content-type': 'application/json',
      'user-agent': expect.stringContaining('NebulaAPI'),
    });
    expect(delivery).toMatchObject({
      state: 'succeeded',
      event_id: eventId,
      payload: request.body,
      next_attempt_at: null,
      attempts: [{ status: 200, error: null, reply: 'thank you' }],
    });
  });

  test('goes to the endpoints that want its type, and to no other', async () => {
    const all = await endpointThat(answering(204));
    const { accountId, me } = all;
    const some = receiver.on(answering(204));
    const others = receiver.on(answering(204));
    await newEndpoint(me, { url: some.url, events: ['job.succeeded', 'job.failed'] });
    const deaf = await newEndpoint(me, { url: others.url, events: ['job.failed'] });
    await emit(accountId);
    await Promise.all([arrived(all.received, 1), arrived(some.received, 1)]);
    expect(await deliveriesTo(me, deaf.id)).toEqual([]);
    expect(others.received).toEqual([]);
    const [one, two] = [all.received[0], some.received[0]];
    expect(one?.headers['webhook-id']).toBe(two?.headers['webhook-id']);
  });

  test('of the test kind reaches an endpoint whatever it wants', async () => {
    const { id, me, received, secret } = await endpointThat(answering(204), {
      events: ['invoice.paid'],
    });
    const { json, status } = await call('POST', `/webhook-endpoints/${id}/test`, me, {});
    expect([status, json.type, json.state]).toEqual([202, 'webhook.test', 'pending']);
    await arrived(received, 1);
    expect(verify(secret, received[0] as Received)).toMatchObject({ type: 'webhook.test' });
  });
});

describe('an answer', () => {
  test.each([200, 201, 204, 299])('%i is success', async (status) => {
    const { accountId, id, me } = await endpointThat(answering(status));
    await emit(accountId);
    const { attempts, state } = await afterAttempts(me, id);
    expect([state, attempts[0]?.status]).toEqual(['succeeded', status]);
  });

  test.each([
    ['an encoding that nobody knows', 'secret'],
    ['an encoding that it is not in', 'gzip'],
  ])('of 200 is success in %s too', async (_what, encoding) => {
    const { accountId, id, me } = await endpointThat(
      answering(200, { 'content-encoding': encoding }, 'plain'),
    );
    await emit(accountId);
    const { attempts, state } = await afterAttempts(me, id);
    expect([state, attempts[0]?.reply]).toEqual(['succeeded', 'plain']);
  });

  test.each<[string, Answer, number | null]>([
    ['301', answering(301, { location: '/elsewhere' }), 301],
    ['304', answering(304), 304],
    ['400', answering(400, {}, 'no'), 400],
    ['404', answering(404), 404],
    ['500', answering(500), 500],
    ['a reset', (_response, { socket }) => socket.resetAndDestroy(), null],
    ['no HTTP', (_response, { socket }) => socket.end('hello\r\n\r\n'), null],
  ])('%s is tried again, and no redirect is followed', async (_what, answer, status) => {
    const { accountId, id, me, received } = await endpointThat(answer);
    await emit(accountId);
    const { attempts, next_attempt_at: next, state } = await afterAttempts(me, id);
    expect([state, attempts[0]?.status]).toEqual(['pending', status]);
    if (status === null) expect(attempts[0]?.error).toMatch(/^[a-z_]+$/);
    const ended = Date.parse(attempts[0]?.at ?? '') + (attempts[0]?.latency_ms ?? 0);
    expect(Date.parse(next ?? '') - ended).toBeGreaterThanOrEqual(4_000);
    expect(received).toHaveLength(1);
    const since = async () => (await endpointOf(me, id)).failing_since;
    await expect.poll(since, { timeout: 30_000 }).not.toBeNull();
    await makeDue(accountId, id);
    const second = await afterAttempts(me, id, 2);
    const pause =
      Date.parse(second.next_attempt_at ?? '') - Date.parse(second.attempts[1]?.at ?? '');
    expect(pause).toBeGreaterThanOrEqual(240_000);
  });

  test('410 ends the delivery and switches the endpoint off', async () => {
    const { accountId, id, me } = await endpointThat(answering(410));
    await emit(accountId);
    expect(await afterAttempts(me, id)).toMatchObject({ state: 'failed', next_attempt_at: null });
    await expect
      .poll(() => endpointOf(me, id))
      .toMatchObject({ is_enabled: false, disabled_reason: 'gone' });
    await emit(accountId);
    expect(await deliveriesTo(me, id)).toHaveLength(1);
  });

  test('429 with Retry-After pauses the endpoint for so long', async () => {
    let status = 429;
    const { accountId, id, me, received } = await endpointThat((response) =>
      response.writeHead(status, { 'retry-after': '120' }).end(),
    );
    const eventId = await emit(accountId);
    const { attempts, next_attempt_at: next } = await afterAttempts(me, id);
    const ended = Date.parse(attempts[0]?.at ?? '') + (attempts[0]?.latency_ms ?? 0);
    expect(Date.parse(next ?? '') - ended).toBeGreaterThanOrEqual(120_000);
    // What comes in the pause waits too: once a later event of somebody else has arrived.
    await emit(accountId);
    const other = await endpointThat(answering(204));
    await emit(other.accountId);
    await afterAttempts(other.me, other.id);
    expect(received).toHaveLength(1);
    status = 204;
    await makeDue(accountId, id);
    await arrived(received, 3);
    const ids = received.map(({ headers }) => headers['webhook-id']);
    expect(ids.filter((each) => each === eventId)).toHaveLength(2);
    await expect.poll(async () => (await endpointOf(me, id)).failing_since).toBeNull();
  });

  test('that never comes, or never ends, is given 15 seconds', async () => {
    const silent = await endpointThat(() => undefined);
    const slow = await endpointThat((response) => {
      const drip = setInterval(() => response.write('x'), 200);
      response.writeHead(200).once('close', () => clearInterval(drip));
    });
    await Promise.all([emit(silent.accountId), emit(slow.accountId)]);
    const [never, dripped] = await Promise.all([
      afterAttempts(silent.me, silent.id),
      afterAttempts(slow.me, slow.id),
    ]);
    expect(never).toMatchObject({ state: 'pending', attempts: [{ error: 'timeout' }] });
    expect(never.attempts[0]?.latency_ms).toBeGreaterThanOrEqual(15_000);
    expect(dripped).toMatchObject({ state: 'succeeded', attempts: [{ status: 200 }] });
    expect(dripped.attempts[0]?.reply).toMatch(/^x+$/);
  });

  test('of 1 GB is read to 4096 bytes and then hung up on', async () => {
    const gigabyte = 1024 ** 3;
    const sent = Promise.withResolvers<number>();
    const { accountId, id, me } = await endpointThat((response, { socket }) => {
      response.writeHead(200, { 'content-length': String(gigabyte) });
      const chunk = Buffer.alloc(64 * 1024, 'y');
      const fill = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', fill).once('close', () => sent.resolve(socket.bytesWritten));
      fill();
    });
    await emit(accountId);
    const { attempts, state } = await afterAttempts(me, id);
    expect(state).toBe('succeeded');
    expect(attempts[0]?.reply).toBe('y'.repeat(4_096));
    expect(await sent.promise).toBeLessThan(gigabyte / 10);
  });
});

test('an answer of 4096 bytes that are no text is no longer in the log', async () => {
  const { accountId, id, me } = await endpointThat((response) =>
    response.writeHead(500).end(Buffer.alloc(8_192, 0xff)),
  );
  await emit(accountId);
  const { attempts } = await afterAttempts(me, id);
  const reply = attempts[0]?.reply ?? '';
  expect(reply).toMatch(/^\uFFFD+$/);
  expect(Buffer.byteLength(reply)).toBeLessThanOrEqual(4_096);
});

test('the schedule is ten attempts under one id, and then the delivery has failed', async () => {
  const { accountId, id, me, received } = await endpointThat(answering(500));
  const eventId = await emit(accountId);
  for (let count = 1; count <= 10; count++) {
    const { state } = await afterAttempts(me, id, count);
    expect(state).toBe(count < 10 ? 'pending' : 'failed');
    if (count < 10) await makeDue(accountId, id);
  }
  expect(received.map(({ headers }) => headers['webhook-id'])).toEqual(Array(10).fill(eventId));
  expect(new Set(received.map(({ body }) => body)).size).toBe(1);
});

test('an endpoint that has failed for five days is switched off, and what waits comes later', async () => {
  let status = 500;
  const { accountId, id, me, received } = await endpointThat((response) =>
    response.writeHead(status).end(),
  );
  await emit(accountId);
  await afterAttempts(me, id);
  await alterEndpoint(accountId, id, { failingSince: Date.now() - 5 * day });
  await makeDue(accountId, id);
  await expect
    .poll(() => endpointOf(me, id), { timeout: 30_000 })
    .toMatchObject({ is_enabled: false, disabled_reason: 'failing' });
  status = 204;
  await call('PATCH', `/webhook-endpoints/${id}`, me, { is_enabled: true });
  await makeDue(accountId, id);
  await arrived(received, 3);
  expect(await afterAttempts(me, id, 3)).toMatchObject({ state: 'succeeded' });
});

test('for a day after a rotation both secrets verify, then the new one alone', async () => {
  const { accountId, id, me, received, secret } = await endpointThat(answering(204));
  const { json } = await call('POST', `/webhook-endpoints/${id}/rotate-secret`, me, {});
  await emit(accountId);
  await arrived(received, 1);
  const during = received[0] as Received;
  for (const each of [secret, json.secret]) expect(() => verify(each, during)).not.toThrow();
  await alterEndpoint(accountId, id, { previousSecretUntil: Date.now() - 1 });
  await emit(accountId);
  await arrived(received, 2);
  const after = received[1] as Received;
  expect(() => verify(json.secret, after)).not.toThrow();
  expect(() => verify(secret, after)).toThrow();
});

test('a replay sends the same bytes under the same id again', async () => {
  const { accountId, id, me, received, secret } = await endpointThat(answering(204));
  await emit(accountId, { n: 1 });
  const delivery = await afterAttempts(me, id);
  const { json, status } = await call('POST', `/webhook-deliveries/${delivery.id}/replay`, me, {});
  expect([status, json.state]).toEqual([202, 'pending']);
  expect(await afterAttempts(me, id, 2)).toMatchObject({ state: 'succeeded' });
  const [one, two] = received as [Received, Received];
  expect(two.body).toBe(one.body);
  expect(two.headers['webhook-id']).toBe(one.headers['webhook-id']);
  expect(() => verify(secret, two)).not.toThrow();
  await call('PATCH', `/webhook-endpoints/${id}`, me, { is_enabled: false });
  const refused = await call('POST', `/webhook-deliveries/${delivery.id}/replay`, me, {});
  expectProblem(refused, refused.text, 'conflict');
});

test('a delivery whose time is over is shown no more, although it may still be stored', async () => {
  const { accountId, id, me } = await endpointThat(answering(204));
  await emit(accountId);
  const delivery = await afterAttempts(me, id);
  const { database } = await import('#server/database.ts');
  const expiresAt = Math.floor(Date.now() / 1000) - 1;
  const row = { accountId, id: delivery.id };
  await database().webhookDelivery.patch(row).set({ expiresAt }).go();
  expect(await deliveriesTo(me, id)).toEqual([]);
});

test('an address that has become private is not called', async () => {
  const forbidden = await startForbiddenReceiver();
  try {
    const { accountId, id, me } = await endpointThat(answering(204));
    const { received, url } = forbidden.on(answering(204));
    for (const [count, address] of [url, url.replace('127.0.0.1', 'localhost')].entries()) {
      await alterEndpoint(accountId, id, { url: address });
      if (count === 0) await emit(accountId);
      else await makeDue(accountId, id);
      const { attempts, state } = await afterAttempts(me, id, count + 1);
      expect([state, attempts[count]?.status]).toEqual(['pending', null]);
      expect(attempts[count]?.error).toMatch(/^private_(address|name)$/);
    }
    expect(received).toEqual([]);
  } finally {
    await forbidden.close();
  }
});

test(
  `an endpoint that never answers, with ${backlog} events waiting, delays no other`,
  async () => {
    const dead = await endpointThat(() => undefined);
    const { url, received } = receiver.on(answering(204));
    const alive = await newEndpoint(dead.me, { url, events: ['job.failed'] });
    const { emitEvent } = await import('#server/modules/webhook/service.ts');
    for (let n = 0; n < backlog; n += 20)
      await Promise.all(Array.from({ length: 20 }, () => emit(dead.accountId, { n })));
    await expect.poll(() => dead.received.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(5);
    for (let n = 0; n < 20; n++) await emitEvent(dead.accountId, 'job.failed', { n });
    await arrived(received, 20);
    const states = (await deliveriesTo(dead.me, alive.id)).map(({ type }) => type);
    expect(states).toEqual(Array(20).fill('job.failed'));
    // All that while most of the others still wait for the dead one.
    expect(dead.received.length).toBeLessThan(backlog / 2);
  },
  60_000 + backlog * 100,
);

test(
  `${storm} events through a receiver that fails three in ten all arrive, signed, each under one id`,
  async () => {
    const delivered = new Map<number, Set<string>>();
    let seed = 7;
    const { accountId, id, me, received, secret } = await endpointThat(
      (response, { body, headers }) => {
        seed = (seed * 48_271) % 2_147_483_647;
        if (seed % 10 < 3) return response.writeHead(500).end();
        const { n } = JSON.parse(body).data;
        const ids = delivered.get(n) ?? new Set();
        delivered.set(n, ids.add(String(headers['webhook-id'])));
        return response.writeHead(204).end();
      },
    );
    const sent: string[] = [];
    for (let n = 0; n < storm; n += 20)
      sent.push(
        ...(await Promise.all(
          Array.from({ length: 20 }, (_, at) => emit(accountId, { n: n + at })),
        )),
      );
    const settled = async () => {
      await makeDue(accountId, id);
      return delivered.size;
    };
    await expect.poll(settled, { timeout: 40_000 + storm * 200, interval: 500 }).toBe(storm);
    for (const each of received) verify(secret, each);
    expect([...delivered.values()].every((ids) => ids.size === 1)).toBe(true);
    const log = async () =>
      (await deliveriesTo(me, id)).filter(({ state }) => state === 'succeeded');
    await expect.poll(async () => (await log()).length, { timeout: 20_000 }).toBe(storm);
    const attempts = (await log()).reduce((sum, each) => sum + each.attempts.length, 0);
    expect(attempts).toBe(received.length);
    expect(new Set((await log()).map((each) => each.event_id))).toEqual(new Set(sent));
  },
  60_000 + storm * 300,
);
