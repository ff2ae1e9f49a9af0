import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { askTrpc, fixtures, inputs, procedures } from '../support/access.ts';
import { type Credentials, call, nobody, sessionOf } from '../support/callers.ts';
import { newAccount, stack } from '../support/stack.ts';

/** A signed-in admin whom the server has let in, and what becomes of the account meanwhile. */
async function admin(): Promise<{ id: string; as: Credentials }> {
  const { id } = await newAccount({ plan: 'enterprise' });
  const { updateAccount } = await import('#server/modules/account/service.ts');
  await updateAccount(id, { role: 'admin' });
  const as = await sessionOf(id);
  expect((await call('GET', '/admin/audit-logs', as)).status).toBe(200);
  return { id, as };
}

async function demote(id: string): Promise<void> {
  const { updateAccount } = await import('#server/modules/account/service.ts');
  await updateAccount(id, { role: 'user' });
}

async function suspend(id: string): Promise<void> {
  const { database } = await import('#server/database.ts');
  await database().account.patch({ id }).set({ isSuspended: true }).go();
}

describe.each<[string, (id: string) => Promise<void>, number]>([
  ['demoted', demote, 403],
  ['suspended', suspend, 401],
])('an admin who is %s while signed in', (_what, change, refusal) => {
  test('is refused by every procedure for admins within seconds', async () => {
    const { as, id } = await admin();
    const { id: ownerId } = await newAccount();
    await change(id);
    const status = async () => (await call('GET', '/admin/audit-logs', as)).status;
    await expect.poll(status, { timeout: 7_000, interval: 250 }).toBe(refusal);
    const refused = procedures.filter(({ meta }) => meta.access === 'admin');
    expect(refused.length).toBeGreaterThan(5);
    for (const procedure of refused) {
      const { meta, name } = procedure;
      const make = meta.owns === undefined ? undefined : fixtures[meta.owns];
      const input = { ...inputs[name], ...(make ? { id: await make(ownerId) } : {}) };
      expect((await askTrpc(procedure, as, input)).status, name).toBe(refusal);
    }
  });
});

describe('a route beside the router', () => {
  const origin = `http://127.0.0.1:${new URL(stack.url).port}`;
  /** Each with what somebody unknown gets there; the first two lead to the router. */
  const routes: Record<string, () => Promise<number>> = {
    'api/v1/[...path]': () => statusOf('GET', '/api/v1/users/me'),
    'api/trpc/[trpc]': () => statusOf('GET', '/api/trpc/me.get'),
    'api/auth/[...nextauth]': () => statusOf('POST', '/api/auth/callback/credentials', {}),
    'api/payments/cashfree': () => statusOf('POST', '/api/payments/cashfree', {}),
    '(site)/docs/api/scalar.js': () => statusOf('GET', '/docs/api/scalar.js'),
  };
  const expected: Record<string, number> = {
    'api/v1/[...path]': 401,
    'api/trpc/[trpc]': 401,
    'api/auth/[...nextauth]': 200,
    'api/payments/cashfree': 401,
    '(site)/docs/api/scalar.js': 200,
  };
  const statusOf = async (method: string, path: string, body?: object) =>
    (await call(method, path, nobody, body, origin)).status;

  test('is known by name', () => {
    const found = readdirSync('app', { recursive: true })
      .map(String)
      .filter((path) => path.endsWith('/route.ts'))
      .map((path) => path.slice(0, -'/route.ts'.length));
    expect(found.sort()).toEqual(Object.keys(routes).sort());
  });

  test.each(Object.keys(routes))(
    '%s gives nothing of an account to somebody unknown',
    async (name) => {
      expect(await routes[name]?.()).toBe(expected[name]);
    },
  );
});
