import { AppError } from '@nebula/contract/errors';
import { database } from '../../database.ts';
import type { Cashfree } from '../../platform/cashfree.ts';
import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import { type Account, findAccount } from '../account/service.ts';
import type { BillingEffect } from './clock/state.ts';
import type { TaxRegime } from './clock/tax.ts';
import { changeBilling } from './store.ts';

/** What effects need of the world. */
export type EffectWorld = { cashfree: Cashfree; regime: TaxRegime };

type Row = { accountId: string; key: string; effect: string };

/** Names a payment of an order; Cashfree's id is unique, the order says where to refund it. */
export const paymentKey = (orderId: string, cfPaymentId: string) => `${orderId}/${cfPaymentId}`;

/** Does what is pending, for one account or for all; what fails stays pending for the next time. */
export async function runEffects(world: EffectWorld, accountId?: string): Promise<void> {
  const { data } = accountId
    ? await database()
        .billingEffect.query.byAccount({ accountId })
        .where(({ status }, { eq }) => eq(status, 'pending'))
        .go({ pages: 'all', consistent: true })
    : await database().billingEffect.query.byStatus({ status: 'pending' }).go({ limit: 200 });
  for (const row of data) {
    await runEffect(world, row).catch((error: unknown) =>
      logger().warn({ err: error, effect: row.key }, 'an effect of billing has to be tried again'),
    );
  }
}

async function runEffect(world: EffectWorld, { accountId, effect: text, key }: Row): Promise<void> {
  const effect = JSON.parse(text) as BillingEffect;
  const account = await findAccount(accountId);
  if (!account) throw new Error(`account ${accountId} of an effect is gone`);
  const status = await perform(world, account, effect);
  if (status === 'pending') return;
  await database().billingEffect.patch({ accountId, key }).set({ status }).go();
}

type Status = 'pending' | 'done' | 'failed';

async function perform(
  world: EffectWorld,
  account: Account,
  effect: BillingEffect,
): Promise<Status> {
  if (effect.type === 'refund') return sendBack(world, account, effect);
  if (effect.type === 'charge') {
    // Without a mandate nothing can be charged by itself: the customer is asked to pay.
    const { attempt, invoiceId } = effect;
    const event = { type: 'charge_failed', at: clock.now(), invoiceId, attempt } as const;
    await changeBilling(account, world.regime, event);
    return 'done';
  }
  logger().info({ account: account.id, event: effect.event }, 'billing has news for a customer');
  return 'done';
}

type Return = Extract<BillingEffect, { type: 'refund' }>;

/** Asks for the refund, under an id of its own so that twice is once, and books it when it is done. */
async function sendBack(
  { cashfree, regime }: EffectWorld,
  account: Account,
  { amount, paymentId }: Return,
): Promise<Status> {
  const [orderId = '', cfPaymentId = ''] = paymentId.split('/');
  const id = `return_${cfPaymentId}`;
  const known = await cashfree.getRefund(orderId, id).catch(ignoreNotFound);
  const refund =
    known ?? (await cashfree.refundOrder(orderId, { refund_id: id, refund_amount: amount }));
  if (refund.refund_status === 'CANCELLED') return 'failed';
  if (refund.refund_status !== 'SUCCESS') return 'pending';
  const event = { type: 'refunded', at: clock.now(), id, paymentId, amount } as const;
  await changeBilling(account, regime, { ...event, reason: 'refund' });
  return 'done';
}

/** For what Cashfree need not know yet. */
export function ignoreNotFound(error: unknown): undefined {
  if (error instanceof AppError && error.code === 'not_found') return undefined;
  throw error;
}
