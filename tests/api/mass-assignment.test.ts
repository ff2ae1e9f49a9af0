import { scopeNames } from '@nebula/contract/scopes';
import { beforeEach, expect, test } from 'vitest';
import { fixtures, inputs, type Procedure, procedures } from '../support/access.ts';
import { type Credentials, callTrpc, sessionOf } from '../support/callers.ts';
import { newAccount } from '../support/stack.ts';

/** What only the product itself decides; a procedure may have a field of its own by that name. */
const stolen = {
  userId: 'usr_00000000000000000000000000',
  ownerId: 'usr_00000000000000000000000000',
  role: 'admin',
  plan: 'enterprise',
  credits: 1_000_000,
  status: 'active',
  createdAt: 1,
};

/** A minute of one account has room for so many procedures. */
const proceduresOfOneAccount = 30;

let accountId: string;
let callers: Record<'person' | 'admin', Credentials>;
let tried = 0;
beforeEach(async () => {
  if (tried++ % proceduresOfOneAccount > 0) return;
  const everything = { plan: 'pro' as const, scopes: [...scopeNames] };
  const [person, admin] = await Promise.all([newAccount(everything), newAccount(everything)]);
  const { updateAccount } = await import('#server/modules/account/service.ts');
  await updateAccount(admin.id, { role: 'admin', plan: 'enterprise' });
  await updateAccount(person.id, { plan: 'enterprise' });
  accountId = person.id;
  callers = { person: await sessionOf(person.id), admin: await sessionOf(admin.id) };
});

async function accountRow() {
  const { database } = await import('#server/database.ts');
  const { data } = await database().account.get({ id: accountId }).go({ consistent: true });
  const { createdAt, id, plan, role } = data ?? {};
  return { createdAt, id, plan, role };
}

async function inputOf({ meta, name }: Procedure): Promise<Record<string, unknown>> {
  const make = meta.owns === undefined ? undefined : fixtures[meta.owns];
  return { ...inputs[name], ...(make ? { id: await make(accountId) } : {}) };
}

test.each(procedures)('$name takes nothing that is not its own to be told', async (procedure) => {
  const { fields, meta, name, takesInput, type } = procedure;
  const as = meta.access === 'admin' ? callers.admin : callers.person;
  const input = await inputOf(procedure);
  const before = await accountRow();
  for (const [field, value] of Object.entries(stolen)) {
    if (fields.includes(field)) continue;
    const { status, text } = await callTrpc(type, name, as, { ...input, [field]: value });
    const what = `${field}: ${status} ${text.slice(0, 200)}`;
    if (takesInput) {
      expect([400, 422], what).toContain(status);
      expect(text, what).toContain(field);
    } else {
      expect(status, what).toBe((await callTrpc(type, name, as, input)).status);
    }
  }
  expect(await accountRow()).toEqual(before);
});
