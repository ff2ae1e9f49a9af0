import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import { findAccount } from '../account/service.ts';
import { chargeMandate } from './charges.ts';
import type { BillingEffect, BillingNotice } from './clock/state.ts';
import { applyDispute } from './dispute-status.ts';
import { cancelAtCashfree } from './mandate-status.ts';
import { tellNews } from './news.ts';
import { type EffectWorld, ignoreNotFound } from './provider.ts';
import { refundName, refundPayment } from './refunds.ts';
import { changeBilling, findHolder, type Holder } from './store.ts';

export type EffectRow = { accountId: string; key: string; effect: string; eventId?: string };

/** What was done may bring more to do, which should not wait for the next look. */
const maxRounds = 3;

/** Names a payment of an order; Cashfree's id is unique, the order says where to refund it. */
export const paymentKey = (orderId: string, cfPaymentId: string) => `${orderId}/${cfPaymentId}`;

/** Does what is pending, for one account or for all; what fails stays pending for the next time. */
export async function runEffects(world: EffectWorld, accountId?: string): Promise<void> {
  for (let round = 0; round < maxRounds; round += 1) {
    let isMoreLikely = false;
    for (const row of await readPending(accountId)) {
      const isDone = await runEffect(world, row).catch((error: unknown) => {
        logger().warn({ err: error, effect: row.key }, 'an effect of billing is tried again');
        return false;
      });
      if (isDone && !row.key.startsWith('notify:')) isMoreLikely = true;
    }
    if (!isMoreLikely) return;
  }
}

async function readPending(accountId: string | undefined): Promise<EffectRow[]> {
  const { billingEffect } = database();
  const { data } = accountId
    ? await billingEffect.query
        .byAccount({ accountId })
        .where(({ status }, { eq }) => eq(status, 'pending'))
        .go({ pages: 'all', consistent: true })
    : await billingEffect.query.byStatus({ status: 'pending' }).go({ pages: 'all' });
  return data;
}

/** @returns whether it is over */
async function runEffect(world: EffectWorld, row: EffectRow): Promise<boolean> {
  const effect = JSON.parse(row.effect) as BillingEffect;
  if (effect.type === 'notify') return tell(row, effect.event);
  const status = await perform(world, await findHolder(row.accountId), effect);
  if (status === 'pending') return false;
  await setStatus(row, status);
  return true;
}

/** Of an account that is gone nobody is left to be told. */
async function tell(row: EffectRow, news: BillingNotice): Promise<true> {
  const account = await findAccount(row.accountId);
  if (account) return tellNews(account, row, news);
  await setStatus(row, 'failed');
  return true;
}

async function setStatus({ accountId, key }: EffectRow, status: 'done' | 'failed'): Promise<void> {
  await database().billingEffect.patch({ accountId, key }).set({ status }).go();
}

type Status = 'pending' | 'done' | 'failed';

async function perform(
  world: EffectWorld,
  holder: Holder,
  effect: Exclude<BillingEffect, { type: 'notify' }>,
): Promise<Status> {
  if (effect.type === 'refund') return sendBack(world, holder, effect);
  if (effect.type === 'charge') return chargeMandate(world, holder, effect);
  if (effect.type === 'watch_dispute') return watchDispute(world, holder, effect);
  return giveBack(world, effect.mandateId);
}

/** A mandate that is needed no more is ended where it was allowed. */
async function giveBack({ cashfree }: EffectWorld, id: string): Promise<Status> {
  await cancelAtCashfree(cashfree, id);
  await database().billingMandate.patch({ id }).set({ status: 'ended' }).go();
  return 'done';
}

type Watch = Extract<BillingEffect, { type: 'watch_dispute' }>;

/** A dispute takes weeks, and the webhook of its end may be lost. */
async function watchDispute(
  world: EffectWorld,
  holder: Holder,
  { disputeId, paymentId }: Watch,
): Promise<Status> {
  const told = await world.cashfree.getDispute(disputeId).catch(ignoreNotFound);
  if (!told) return 'pending';
  const status = await applyDispute(world, holder, { paymentId, told });
  return status === 'won' || status === 'lost' ? 'done' : 'pending';
}

type Return = Extract<BillingEffect, { type: 'refund' }>;

/** Asks for the refund, under an id of its own so that twice is once, and books it when it is done. */
async function sendBack(
  { cashfree, seller }: EffectWorld,
  holder: Holder,
  { amount, paymentId, refundId }: Return,
): Promise<Status> {
  const id = refundId ?? `return_${refundName(paymentId)}`;
  const refund = await refundPayment(cashfree, { id, paymentId, amount });
  if (!refund || refund.refund_status === 'CANCELLED') {
    const event = { type: 'refund_canceled', at: clock.now(), id, paymentId } as const;
    await changeBilling(holder, seller, event);
    return 'failed';
  }
  if (refund.refund_status !== 'SUCCESS') return 'pending';
  const event = { type: 'refunded', at: clock.now(), id, paymentId, amount } as const;
  await changeBilling(holder, seller, event);
  return 'done';
}
