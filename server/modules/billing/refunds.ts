import type { Cashfree } from '../../platform/cashfree.ts';
import type { CashfreeRefund } from '../../platform/cashfree-schemas.ts';
import { ignoreNotFound } from './provider.ts';

/** Gives money of a payment back, once for each `id`: of an order, or of a charge of a mandate. */
export async function refundPayment(
  cashfree: Cashfree,
  { amount, id, paymentId }: { id: string; paymentId: string; amount: number },
): Promise<CashfreeRefund> {
  const [owner = '', payment = ''] = paymentId.split('/');
  const refund = { refund_id: id, refund_amount: amount };
  if (owner.startsWith('mnd_')) {
    const known = await cashfree.getChargeRefund(owner, id).catch(ignoreNotFound);
    return known ?? cashfree.refundCharge(owner, { ...refund, payment_id: payment });
  }
  const known = await cashfree.getRefund(owner, id).catch(ignoreNotFound);
  return known ?? cashfree.refundOrder(owner, refund);
}

/** What is unique about a payment, and short enough for the id of a refund. */
export const refundName = (paymentId: string): string =>
  (paymentId.split('/')[1] ?? '').replace(/^chg_/, '');
