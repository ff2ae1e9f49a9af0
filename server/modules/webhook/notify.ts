import { logger } from '../../platform/logger.ts';
import { findAccount } from '../account/service.ts';
import { pageUrl, queueMail } from '../mail/service.ts';
import { notifyAccount, wantsMail } from '../notification/service.ts';

/** What the owner of an endpoint should hear of by mail. */
export type WebhookNotice = {
  /** `failing`: for a day nothing was delivered. The others: it is switched off. */
  kind: 'failing' | 'disabled_failing' | 'disabled_gone';
  accountId: string;
  endpointId: string;
  url: string;
  /** Milliseconds. */
  failingSince?: number;
};

/** Tells the owner of an endpoint by mail; the log has a line too. */
export async function notify({ url: endpoint, ...notice }: WebhookNotice): Promise<void> {
  logger().warn(notice, 'an endpoint needs the attention of its owner');
  const account = await findAccount(notice.accountId);
  if (!account) return;
  const url = pageUrl('/dashboard/webhooks');
  const reason =
    notice.kind === 'disabled_gone'
      ? 'it answers that it is gone'
      : 'nothing could be delivered for five days';
  await notifyAccount(account.id, 'webhook.failing', {
    title:
      notice.kind === 'failing'
        ? 'A webhook endpoint fails'
        : 'A webhook endpoint was switched off',
    text: notice.kind === 'failing' ? endpoint : `${endpoint}: ${reason}.`,
    link: '/dashboard/webhooks',
    group: `${notice.endpointId} ${notice.kind}`,
  });
  if (!(await wantsMail(account.id, 'webhook.failing'))) return;
  if (notice.kind === 'failing')
    await queueMail(account.email, 'webhook_failing', { endpoint, url });
  else await queueMail(account.email, 'webhook_disabled', { endpoint, reason, url });
}
