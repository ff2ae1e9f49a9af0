import { z } from 'zod';
import { env } from '../../env.ts';
import { type SignedWebhook, verifyWebhook } from '../../platform/cashfree-webhook.ts';
import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import { confirmOrder } from './checkout.ts';
import { confirmDispute } from './disputes.ts';
import { confirmMandate } from './mandates.ts';

const schema = z.object({
  type: z.string(),
  data: z.object({
    order: z.object({ order_id: z.string() }).optional(),
    refund: z
      .object({ order_id: z.string().optional(), subscription_id: z.string().optional() })
      .optional(),
    dispute: z.object({ dispute_id: z.union([z.string(), z.number()]) }).optional(),
    subscription_id: z.string().optional(),
    subscription_details: z.object({ subscription_id: z.string() }).optional(),
  }),
});

/**
 * Handles one webhook of Cashfree and says which status to answer. Its content is only a hint of
 * where to look: what counts is what Cashfree says when it is asked back.
 */
export async function receiveWebhook(webhook: SignedWebhook): Promise<200 | 400 | 401 | 503> {
  const verdict = verifyWebhook(webhook, env().CASHFREE_CLIENT_SECRET ?? '', clock.now());
  if (verdict === 'forged') return 401;
  const parsed = schema.safeParse(readJson(webhook.rawBody));
  if (!parsed.success) return 400;
  const { data, type } = parsed.data;
  if (verdict === 'old') logger().warn({ type }, 'a webhook is older than ten minutes');
  const order = data.order?.order_id ?? data.refund?.order_id;
  const mandate =
    data.subscription_id ??
    data.subscription_details?.subscription_id ??
    data.refund?.subscription_id;
  const dispute = data.dispute && String(data.dispute.dispute_id);
  try {
    const statuses = [
      order && (await confirmOrder(order)),
      mandate && (await confirmMandate(mandate)),
      dispute && (await confirmDispute(dispute)),
    ];
    if (statuses.includes('unknown')) {
      logger().warn({ order, mandate, dispute }, 'a webhook names nothing of ours');
    }
    return 200;
  } catch (error) {
    logger().error(
      { err: error, order, mandate, dispute },
      'a webhook was not handled; it comes again',
    );
    return 503;
  }
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
