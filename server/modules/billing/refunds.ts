import type { Cashfree } from '../../platform/cashfree.ts';
import type { CashfreeRefund } from '../../platform/cashfree-schemas.ts';
import { logger } from '../../platform/logger.ts';
import { ignoreNotFound, isRefusal } from './provider.ts';

/**
 * Gives money of a payment back, once for each `id`: of an order, or of a charge of a mandate.
 *
 * @returns undefined when Cashfree refuses it, and would refuse it again
 */
export async function refundPayment(
  cashfree: Cashfree,
  { amount, id, paymentId }: { id: string; paymentId: string; amount: number },
): Promise<CashfreeRefund | undefined> {
  const [owner = '', payment = ''] = paymentId.split('/');
  const refund = { refund_id: id, refund_amount: amount };
  const isOfMandate = owner.startsWith('mnd_');
  const known = isOfMandate ? cashfree.getChargeRefund(owner, id) : cashfree.getRefund(owner, id);
  const found = await known.catch(ignoreNotFound);
  if (found) return found;
  try {
    return isOfMandate
      ? await cashfree.refundCharge(owner, { ...refund, payment_id: payment })
      : await cashfree.refundOrder(owner, refund);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    logger().error({ err: error, payment: paymentId, refund: id }, 'a refund was refused');
    return undefined;
  }
}

/** What is unique about a payment, and short enough for the id of a refund. */
export const refundName = (paymentId: string): string =>
  (paymentId.split('/')[1] ?? '').replace(/^chg_/, '');
