import { z } from 'zod';
import { env } from '../../env.ts';
import { type SignedWebhook, verifyWebhook } from '../../platform/cashfree-webhook.ts';
import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import { confirmOrder } from './checkout.ts';

const schema = z.object({
  type: z.string(),
  data: z.object({
    order: z.object({ order_id: z.string() }).optional(),
    refund: z.object({ order_id: z.string().optional() }).optional(),
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
  const orderId = data.order?.order_id ?? data.refund?.order_id;
  if (orderId === undefined) return 200;
  try {
    const status = await confirmOrder(orderId);
    if (status === 'unknown') logger().warn({ order: orderId }, 'a webhook names no order of ours');
    return 200;
  } catch (error) {
    logger().error(
      { err: error, order: orderId },
      'a webhook could not be handled; it comes again',
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
