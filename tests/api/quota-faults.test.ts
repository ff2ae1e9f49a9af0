import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { booksOf, clock, customer, realNow } from '../support/billing.ts';
import { type Fault, type FaultProxy, startFaultProxy, through } from '../support/fault-proxy.ts';
import { endHeldCalls, leaveCalls, quotaLeft } from '../support/quota.ts';
import { failure, heal, lose, spoil } from '../support/spoil.ts';
import { newAccount, stack } from '../support/stack.ts';
import type { Order, Outcome } from '../support/taker.ts';

const { findAccount } = await import('#server/modules/account/service.ts');
const { flushUsage, readQuota, reserveQuota } = await import('#server/modules/usage/service.ts');
const { changeBilling, loadBilling } = await import('#server/modules/billing/store.ts');
const { previewChange } = await import('#server/modules/billing/clock/preview.ts');

afterEach(() => {
  heal();
  clock.now = () => realNow();
});

const throttled = () => failure('ThrottlingException', { $retryable: { throttling: true } });

/** Spoils every other write, so that the one that comes again goes through. */
function everyOther(how: (write: () => Promise<unknown>) => Promise<unknown>) {
  const seen = { spoiled: 0 };
  let isNext = true;
  spoil('database', (send, { command }) => {
    if (!/^(Update|TransactWrite)/.test(command)) return send();
    isNext = !isNext;
    if (isNext) return send();
    seen.spoiled += 1;
    return how(send);
  });
  return seen;
}

const refuse = () => Promise.reject(throttled());

describe('a database that throttles, or whose answers are lost', () => {
  test.each([
    ['throttled', refuse],
    ['lost', (write: () => Promise<unknown>) => lose(write)],
  ])('takes each call once from the quota, and gives it back once: %s', async (_name, how) => {
    const { id } = await newAccount();
    const account = await findAccount(id);
    if (!account) throw new Error('the account was not made');
    const seen = everyOther(how);
    const taken = [];
    for (let call = 0; call < 4; call += 1) taken.push(await reserveQuota(account, 1));
    for (const [at, one] of taken.entries()) {
      if (at % 3 === 0) await Promise.all([one.release(), one.release()]);
      else one.settle();
    }
    await flushUsage();
    expect(seen.spoiled).toBeGreaterThan(2);
    heal();
    const { limit, remaining } = await readQuota(account);
    expect(limit - remaining).toBe(2);
    // All that is settled is used: nothing goes back when the time of a call is over.
    await endHeldCalls(id);
    expect(await quotaLeft(id)).toBe(remaining);
  });

  test('books a payment once, also when it is told again after the database has forgotten its token', async () => {
    const account = await customer();
    const seller = { name: 'Seller' };
    const { state } = await loadBilling(account, seller);
    const preview = previewChange(state, 'pro', realNow());
    if (preview.kind !== 'now') throw new Error('expected an upgrade');
    const { quote } = preview;
    const payment = { id: `ord_${account.id}/1`, at: quote.at, amount: quote.charge, quote };
    const pay = () => changeBilling(account, seller, { type: 'payment_succeeded', ...payment });
    let transactions = 0;
    spoil('database', async (write, { command }) => {
      if (!command.startsWith('TransactWrite')) return write();
      transactions += 1;
      const reasons = Array.from({ length: 20 }, () => ({ Code: 'ThrottlingError' }));
      if (transactions === 1)
        throw failure('TransactionCanceledException', { CancellationReasons: reasons });
      await write();
      // The client gives up on this one, and nobody knows what has become of it.
      throw failure('UnknownAnswer');
    });
    await expect(pay()).rejects.toThrow();
    expect(transactions).toBe(2);
    heal();
    const later = realNow() + 11 * 60_000;
    clock.now = () => later;
    await pay();
    await Promise.all([pay(), pay()]);
    const { documents, kinds, sum } = await booksOf(account);
    expect([documents.length, kinds('payment'), kinds('unapplied_payment')]).toEqual([1, 1, 0]);
    expect([sum('bank'), sum('receivable')]).toEqual([149_900, 0]);
  });
});

describe('a process that reaches the database through a bad line', () => {
  const left = 40;
  let proxy: FaultProxy;
  let taker: ChildProcess;
  beforeAll(async () => {
    const endpoint = stack.env.DYNAMODB_ENDPOINT ?? '';
    proxy = await startFaultProxy(new URL(endpoint));
    taker = fork(resolve(import.meta.dirname, '../support/taker.ts'), {
      env: { ...process.env, ...stack.env, DYNAMODB_ENDPOINT: through(endpoint, proxy) },
      execArgv: [],
    });
    await once(taker, 'message');
  });
  afterAll(async () => {
    taker.disconnect();
    await proxy.close();
  });

  async function take(accountId: string, calls: number): Promise<Outcome> {
    const answer = once(taker, 'message') as Promise<[Outcome]>;
    taker.send({ accountId, calls } satisfies Order);
    return (await answer)[0];
  }

  const faults: Fault[] = [
    { mode: 'reset', afterBytes: 900 },
    { mode: 'hang' },
    { mode: 'refuse' },
  ];
  test.each(faults)(
    'takes no call too many, and what nobody was told of goes back: $mode',
    async (fault) => {
      const { id } = await newAccount();
      const whole = await quotaLeft(id);
      await leaveCalls(id, left);
      await proxy.fail(fault);
      const before = proxy.connections();
      const first = take(id, 60);
      // Nobody connects to a port that is closed; then the answer itself comes soon.
      let isOver = false;
      void first.then(() => {
        isOver = true;
      });
      const isHit = () => isOver || proxy.connections() - before > 2;
      await expect.poll(isHit, { timeout: 60_000, interval: 20 }).toBe(true);
      await proxy.heal();
      const one = await first;
      const other = await take(id, 60);
      const taken = one.taken + other.taken;
      expect(taken).toBeLessThanOrEqual(left);
      expect(taken + one.lost + other.lost).toBeGreaterThanOrEqual(left);
      expect(await quotaLeft(id)).toBeGreaterThanOrEqual(0);
      await endHeldCalls(id);
      // What was set aside before goes back as well; what somebody was told of is used.
      expect(await quotaLeft(id)).toBeGreaterThanOrEqual(whole - taken);
      expect(await quotaLeft(id)).toBeLessThanOrEqual(whole);
    },
    120_000,
  );
});
