import { logger } from '../../platform/logger.ts';
import { findAccount } from '../account/service.ts';
import { mailRow, pageUrl } from '../mail/service.ts';
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

/** The mail to the owner of an endpoint, for the transaction that is its reason; none if unwanted. */
export async function noticeMail({ accountId, kind, url: endpoint }: WebhookNotice) {
  const account = await findAccount(accountId);
  if (!account || !(await wantsMail(accountId, 'webhook.failing'))) return undefined;
  const url = pageUrl('/dashboard/webhooks');
  if (kind === 'failing') return mailRow(account.email, 'webhook_failing', { endpoint, url });
  return mailRow(account.email, 'webhook_disabled', { endpoint, reason: reasons[kind], url });
}

const reasons = {
  disabled_gone: 'it answers that it is gone',
  disabled_failing: 'nothing could be delivered for five days',
} as const;

/** Tells the owner of an endpoint in the other ways, after it is written; the log has a line too. */
export async function notify({ url: endpoint, ...notice }: WebhookNotice): Promise<void> {
  logger().warn(notice, 'an endpoint needs the attention of its owner');
  const { accountId, endpointId, kind } = notice;
  await notifyAccount(accountId, 'webhook.failing', {
    title: kind === 'failing' ? 'A webhook endpoint fails' : 'A webhook endpoint was switched off',
    text: kind === 'failing' ? endpoint : `${endpoint}: ${reasons[kind]}.`,
    link: '/dashboard/webhooks',
    group: `${endpointId} ${kind}`,
  });
}
