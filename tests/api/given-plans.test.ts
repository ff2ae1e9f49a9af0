import { describe, expect, test } from 'vitest';
import { billing, customer, customerOnPro, database, planOf } from '../support/billing.ts';
import { type Credentials, call, sessionOf } from '../support/callers.ts';
import { mailTo } from '../support/mails.ts';
import { expectProblem } from '../support/problem.ts';
import { newAccount } from '../support/stack.ts';

async function newAdmin(): Promise<Credentials & { id: string }> {
  const { updateAccount } = await import('#server/modules/account/service.ts');
  const { id } = await newAccount({ plan: 'enterprise' });
  await updateAccount(id, { role: 'admin' });
  return { id, ...(await sessionOf(id)) };
}

const reason = 'You take part in the beta.';
const give = (as: Credentials, id: string, plan: string, why = reason) =>
  call('PATCH', `/admin/users/${id}`, as, { plan, reason: why });

describe('a plan that an admin gives', () => {
  test('holds at once, costs nothing, and is told with its reason', async () => {
    const [account, as] = [await customer(), await newAdmin()];
    const own = await sessionOf(account.id);
    expect((await call('GET', '/usage/quota', own)).json.limit).toBe(250);
    const given = await give(as, account.id, 'pro');
    expect(given.json).toMatchObject({ id: account.id, object: 'user', plan: 'pro' });
    expect((await call('GET', '/usage/quota', own)).json.limit).toBe(10_000);
    expect((await mailTo(account.email, 'Your plan is Pro')).text).toContain(reason);
    const inbox = await call('GET', '/notifications', own);
    expect(inbox.json.data).toContainEqual(expect.objectContaining({ event: 'plan.given' }));
    const log = await call('GET', '/audit-logs', own);
    expect(log.json.data).toContainEqual(
      expect.objectContaining({
        action: 'account.plan_changed',
        actor: { kind: 'session', account_id: as.id, key_id: null },
        before: { plan: 'free' },
        after: { plan: 'pro', reason },
      }),
    );
    const { data: entries } = await database()
      .ledgerEntry.query.byAccount({ accountId: account.id })
      .go();
    expect(entries).toEqual([]);
  });

  test('again changes nothing, and is taken back with Free', async () => {
    const [account, as] = [await customer(), await newAdmin()];
    const changes = async () => {
      const { json } = await call('GET', '/audit-logs', await sessionOf(account.id));
      return json.data.filter((one: { action: string }) => one.action === 'account.plan_changed');
    };
    for (let index = 0; index < 3; index++)
      expect((await give(as, account.id, 'enterprise')).status).toBe(200);
    expect(await changes()).toHaveLength(1);
    expect((await give(as, account.id, 'free')).json.plan).toBe('free');
    expect(await changes()).toHaveLength(2);
  });

  test('is refused for an account that pays for its plan, and nothing of it changes', async () => {
    const [account, as] = [await customerOnPro(), await newAdmin()];
    for (const plan of ['free', 'enterprise']) {
      const refused = await give(as, account.id, plan);
      expect(refused.status).toBe(409);
      expectProblem(refused, refused.text, 'conflict');
    }
    expect(await planOf(account)).toBe('pro');
  });

  test('stays when billing looks after an account that once paid, and is not sold to it', async () => {
    const { clock } = await import('#server/platform/clock.ts');
    const { changeBilling } = await import('#server/modules/billing/store.ts');
    const [account, as] = [await customerOnPro(), await newAdmin()];
    const seller = { name: 'NebulaAPI' };
    const { payments } = await billing.readBilling(account);
    const [paymentId = ''] = Object.keys(payments);
    const dispute = { id: `d-${account.id}`, paymentId, amount: 149_900, stage: 2, reason: 'none' };
    const told = { type: 'dispute_told', ...dispute } as const;
    await changeBilling(account, seller, { ...told, at: clock.now(), status: 'lost' });
    expect(await planOf(account)).toBe('free');
    expect((await give(as, account.id, 'enterprise')).status).toBe(200);
    const buyer = { legal_name: 'Acme', gstin: null, address: 'Pune', state: '27' as const };
    await changeBilling(account, seller, {
      type: 'buyer_named',
      at: clock.now(),
      buyer,
      regime: 'none',
    });
    expect(await planOf(account)).toBe('enterprise');
    const own = await sessionOf(account.id);
    const bought = await call('POST', '/payments/orders', own, {
      plan: 'pro',
      phone: '9999999999',
    });
    expect(bought.status).toBe(409);
  });

  test('needs a reason, a plan that there is, and an admin', async () => {
    const [account, as] = [await customer(), await newAdmin()];
    expect((await give(as, account.id, 'pro', ' ')).status).toBe(422);
    expect((await give(as, account.id, 'gold')).status).toBe(422);
    expect((await give(await sessionOf(account.id), account.id, 'pro')).status).toBe(403);
    expect(await planOf(account)).toBe('free');
  });
});
