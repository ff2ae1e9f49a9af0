import { createHash } from 'node:crypto';
import { AppError } from '@nebula/contract/errors';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import type { Account } from '../account/service.ts';
import type { AuditSource } from '../audit/service.ts';
import type { Dispute } from './clock/dispute.ts';
import { refundablePaise } from './clock/refund.ts';
import { runEffects } from './effects.ts';
import { effectWorld, seller } from './provider.ts';
import { changeBilling, loadBilling } from './store.ts';

/** A payment of an account, in paise. */
export type Payment = {
  id: string;
  invoiceId?: string;
  amount: number;
  refunded: number;
  refundable: number;
  /** The latest, where its bank has questioned it. */
  dispute?: Dispute;
};

export type RefundStatus = 'pending' | 'done' | 'failed';

/** Everything that an account has paid, and what may still go back of it. */
export async function listPayments(account: Account): Promise<Payment[]> {
  const { state } = await loadBilling(account, seller());
  return Object.entries(state.payments).map(([id, { amount, invoiceId, refunded }]) => {
    const dispute = Object.values(state.disputes ?? {}).findLast((one) => one.paymentId === id);
    return { id, invoiceId, amount, refunded, refundable: refundablePaise(state, id), dispute };
  });
}

export type RefundOrder = {
  paymentId: string;
  /** Paise. */
  amount: number;
  /** The operator's own word for it: the same one gives money back once. */
  reference: string;
};

/**
 * Gives money of a payment back. The amount is set aside before Cashfree is asked, so that refunds at
 * once never come to more than was paid; the credit note has the id of the refund.
 *
 * @throws AppError `not_found` for a payment that the account has not made, `conflict` for more than
 *   is left of it or a reference that was used for another amount
 */
export async function refundByOperator(
  source: AuditSource,
  account: Account,
  { amount, paymentId, reference }: RefundOrder,
): Promise<{ id: string; status: RefundStatus }> {
  const name = createHash('sha256')
    .update(JSON.stringify([paymentId, reference]))
    .digest('hex');
  const id = `rfd_${name.slice(0, 26)}`;
  const { state } = await loadBilling(account, seller());
  if (!state.payments[paymentId])
    throw new AppError('not_found', 'The account has made no such payment.', {
      param: 'payment_id',
    });
  const event = { type: 'refund_ordered', at: clock.now(), id, paymentId, amount } as const;
  await changeBilling(account, seller(), event, source);
  const known = await findRefund(account.id, id);
  if (!known) {
    const left = refundablePaise((await loadBilling(account, seller())).state, paymentId);
    const message = `Expected at most ${left} paise, which is left of this payment; received ${amount}.`;
    throw new AppError('conflict', message, { param: 'amount' });
  }
  if (known.amount !== amount) {
    const message = `The reference was used for ${known.amount} paise. Choose another for another refund.`;
    throw new AppError('conflict', message, { param: 'reference' });
  }
  await runEffects(effectWorld(), account.id);
  return { id, status: (await findRefund(account.id, id))?.status ?? 'pending' };
}

async function findRefund(accountId: string, id: string) {
  const key = `refund:${id}`;
  const { data } = await database().billingEffect.get({ accountId, key }).go({ consistent: true });
  return data && { status: data.status, amount: (JSON.parse(data.effect) as RefundOrder).amount };
}
