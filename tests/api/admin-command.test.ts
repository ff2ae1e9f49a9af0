import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { stack } from '../support/stack.ts';

const admin = resolve(import.meta.dirname, '../../local/admin.ts');

/** Runs a command of the operator, as `npm run admin` does. */
async function run(...args: string[]): Promise<string> {
  const env = { ...process.env, ...stack.env };
  const { stdout } = await promisify(execFile)(process.execPath, [admin, ...args], { env });
  return stdout.trim();
}

test('the operator gives a plan, suspends and restores an account from the command line', async () => {
  const { createAccount } = await import('#server/modules/account/service.ts');
  const { database } = await import('#server/database.ts');
  const email = `${randomUUID()}@example.com`;
  const { id } = await createAccount({ email, name: 'Ada', password: 'a long enough password' });
  const read = async () => (await database().account.get({ id }).go({ consistent: true })).data;

  expect(await run('set-plan', '--email', email, '--plan', 'pro', '--reason', 'beta')).toBe(
    `${email} is on the plan pro`,
  );
  expect((await read())?.plan).toBe('pro');
  expect(await run('suspend', '--email', email, '--reason', 'abuse')).toBe(`${email} is suspended`);
  expect(await read()).toMatchObject({ isSuspended: true, suspendedReason: 'abuse' });
  expect(await run('restore', '--email', email)).toBe(`${email} works again`);
  expect((await read())?.isSuspended).toBeUndefined();
  const { data } = await database().auditEvent.query.byAccount({ accountId: id }).go();
  expect(data.map(({ action, actorKind }) => `${actorKind} ${action}`)).toEqual([
    'system account.plan_changed',
    'system account.suspended',
    'system account.restored',
  ]);
}, 120_000);
