import { Agent, fetch as fetchFrom } from 'undici';
import { expect, test } from 'vitest';
import { call, moveElsewhere, nobody } from '../support/callers.ts';
import { login, newPerson, registered } from '../support/people.ts';
import { loopbackAddress } from '../support/raw.ts';
import { stack } from '../support/stack.ts';

const base = `http://127.0.0.1:${new URL(stack.url).port}/api/v1`;

/** A guess that no limit of an address or of an account holds up. */
async function guessFromAnywhere() {
  const dispatcher = new Agent({ localAddress: loopbackAddress() });
  const { email } = newPerson();
  const reply = await fetchFrom(`${base}/auth/login`, {
    method: 'POST',
    dispatcher,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: 'a guess of somebody' }),
  });
  const { code } = (await reply.json()) as { code: string };
  await dispatcher.close();
  return { status: reply.status, code, retryAfter: reply.headers.get('retry-after') };
}

test('a hundred guesses at once, each of another account and address, end as refusals, and others are answered meanwhile', async () => {
  const person = await registered();
  const guesses = Array.from({ length: 100 }, guessFromAnywhere);
  const alive = await call('GET', '/health', nobody);
  expect(alive.status).toBe(200);
  for (const { code, retryAfter, status } of await Promise.all(guesses)) {
    if (status === 401) continue;
    expect([status, code]).toEqual([429, 'queue_full']);
    expect(retryAfter).toMatch(/^[1-9]\d*$/);
  }
  expect((await login(person)).status).toBe(200);
});

test('guesses from everywhere at one account are held up together, but not its owner at home', async () => {
  const person = await registered();
  expect((await login(person)).status).toBe(200);
  const { countRequest } = await import('#server/platform/rate-limiter.ts');
  const { redisReady } = await import('#server/platform/redis.ts');
  await redisReady();
  for (let guess = 0; guess < 60; guess++)
    await countRequest(`sign-in-account:${person.email}`, 60);
  expect((await login(person)).status).toBe(200);
  moveElsewhere();
  const elsewhere = await login(person);
  expect([elsewhere.status, elsewhere.json.code]).toEqual([429, 'rate_limited']);
  expect(elsewhere.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
});
