import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import type { Round } from '../../platform/rounds.ts';
import { findAccount } from '../account/service.ts';
import { confirmOrder } from './checkout.ts';
import { runEffects } from './effects.ts';
import { confirmMandate } from './mandates.ts';
import { effectWorld, seller } from './provider.ts';
import { changeBilling, sortable } from './store.ts';

const everyMilliseconds = 60_000;

/**
 * Processes that race for one account have the effect of one. However many have left something open,
 * nobody's renewal waits for it.
 */
export const billingRounds: readonly Round[] = [
  { name: 'billing', everyMilliseconds, work: () => runDue().then(() => false) },
  { name: 'billing-open', everyMilliseconds, work: () => confirmOpen().then(() => false) },
];

/** What has to happen without anybody asking: renewals, effects left over, what was left open. */
export async function runBilling(): Promise<void> {
  await runDue();
  await confirmOpen();
}

async function runDue(): Promise<void> {
  await passTime();
  await runEffects(effectWorld());
}

async function confirmOpen(): Promise<void> {
  const [orders, mandates] = await Promise.all([
    database().billingOrder.query.byStatus({ status: 'open' }).go({ pages: 'all' }),
    database().billingMandate.query.byStatus({ status: 'open' }).go({ pages: 'all' }),
  ]);
  for (const { id } of orders.data) await despiteErrors({ order: id }, () => confirmOrder(id));
  for (const { id } of mandates.data)
    await despiteErrors({ mandate: id }, () => confirmMandate(id));
}

/** Lets time pass for the accounts that something falls due for: cycles end, attempts begin. */
export async function passTime(): Promise<void> {
  const now = clock.now();
  const { data } = await database()
    .billing.query.byDueTime({ queue: 'due' })
    // The account comes behind the moment in the index: up to `now` itself is before the next one.
    .lt({ dueAt: sortable(now + 1) })
    .go({ pages: 'all' });
  for (const { accountId } of data)
    await despiteErrors({ account: accountId }, async () => {
      const account = await findAccount(accountId);
      if (account) await changeBilling(account, seller(), { type: 'tick', at: now });
      else await forget(accountId);
    });
}

/** Of an account that was deleted nothing falls due; its books stay. */
async function forget(accountId: string): Promise<void> {
  await database()
    .billing.patch({ accountId })
    .set({ queue: 'idle', dueAt: sortable(0) })
    .go();
}

/** One that fails keeps nobody else waiting. */
async function despiteErrors(what: Record<string, string>, work: () => Promise<unknown>) {
  await work().catch((error: unknown) =>
    logger().warn({ err: error, ...what }, 'billing could not look after something'),
  );
}
