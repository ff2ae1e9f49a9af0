import { database } from '../../database.ts';
import { removeEach } from '../../platform/dynamo.ts';

/**
 * Removes what an account has stored beside what is ended in a way of its own. It can be done again:
 * what work in flight has written meanwhile goes too.
 */
export async function removeRows(accountId: string): Promise<void> {
  const of = { accountId };
  const page = { limit: 100, consistent: true } as const;
  const { keyCount, notification, notificationSettings, pipeline } = database();
  const { webhookEndpoint, webhookEndpointCount } = database();
  await removeEach(
    () => pipeline.query.byAccount(of).go(page),
    (some) => pipeline.delete(some).go(),
  );
  await removeEach(
    () => notification.query.byAccount(of).go(page),
    (some) => notification.delete(some).go(),
  );
  await removeEach(
    () => webhookEndpoint.query.byAccount(of).go(page),
    (some) => webhookEndpoint.delete(some).go(),
  );
  await notificationSettings.delete(of).go();
  await keyCount.delete(of).go();
  await webhookEndpointCount.delete(of).go();
  await removeUsage(accountId);
}

/** What would be gone by itself after some weeks. It may be much, so nobody should wait for it. */
export async function removePassingRows(accountId: string): Promise<void> {
  const of = { accountId };
  const page = { limit: 100, consistent: true } as const;
  const { batch, requestLog, webhookDelivery } = database();
  await removeEach(
    () => batch.query.byAccount(of).go(page),
    (some) => batch.delete(some).go(),
  );
  await removeEach(
    () => requestLog.query.byAccount(of).go(page),
    (some) => requestLog.delete(some).go(),
  );
  await removeEach(
    () => webhookDelivery.query.byAccount(of).go(page),
    (some) => webhookDelivery.delete(some).go(),
  );
}

async function removeUsage(accountId: string): Promise<void> {
  const of = { accountId };
  const page = { limit: 100, consistent: true } as const;
  const { keyUsage, quota, usage, usageAlert } = database();
  await removeEach(
    () => usage.query.byPeriod(of).go(page),
    (some) => usage.delete(some).go(),
  );
  await removeEach(
    () => usageAlert.query.byCycle(of).go(page),
    (some) => usageAlert.delete(some).go(),
  );
  await removeEach(
    () => keyUsage.query.byKey(of).go(page),
    (some) => keyUsage.delete(some).go(),
  );
  await removeEach(
    () => quota.query.byCycle(of).go(page),
    (some) => quota.delete(some).go(),
  );
}
