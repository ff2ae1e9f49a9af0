import { logger } from '../../platform/logger.ts';
import { type Account, deleteAccount } from '../account/service.ts';
import { deleteApiKey, listApiKeys } from '../api-key/service.ts';
import type { AuditSource } from '../audit/service.ts';
import { closeBilling } from '../billing/service.ts';
import { deleteFile, listFiles } from '../file/service.ts';
import { cancelBatch, deleteJob, listBatches, listJobs, removeResults } from '../job/service.ts';
import { removeBrowsers } from '../push/service.ts';
import { endAllSessions } from '../session/service.ts';
import { deleteConversations } from '../support/service.ts';
import { deleteEndpoint, listEndpoints } from '../webhook/service.ts';
import { everyRow } from './every-page.ts';
import { forgetPlaces } from './places.ts';
import { removePassingRows, removeRows } from './remove-rows.ts';

/**
 * Deletes an account with what belongs to it. The account itself goes after what would outlive it,
 * so that a call that failed can be repeated. Jobs, files and logs follow after the answer: what is
 * left of them when this process ends goes when its time is over. Billing keeps its books.
 */
export async function closeAccount(account: Account, source: AuditSource): Promise<void> {
  const { id: accountId } = account;
  await closeBilling(account);
  for (const { id } of await listApiKeys(accountId)) await deleteApiKey({ accountId, id }, source);
  for (const { id } of await listEndpoints(accountId))
    await deleteEndpoint({ accountId, id }, source);
  await deleteConversations(accountId);
  await removeBrowsers(accountId);
  await removeRows(accountId);
  await forgetPlaces(accountId);
  await deleteAccount(accountId, source);
  await endAllSessions(accountId);
  void removeWork(accountId);
}

async function removeWork(accountId: string): Promise<void> {
  try {
    for await (const { id, status } of everyRow((page) => listBatches(accountId, page)))
      if (status === 'processing') await despiteErrors(() => cancelBatch({ accountId, id }));
    for await (const { id } of everyRow((page) => listJobs(accountId, page)))
      await despiteErrors(() => deleteJob({ accountId, id }));
    for await (const { id } of everyRow((page) => listFiles(accountId, page)))
      await despiteErrors(() => deleteFile({ accountId, id }));
    await removeResults(accountId);
    await removePassingRows(accountId);
    // Work that was in flight may have counted, told and written after the first time.
    await deleteConversations(accountId);
    await removeRows(accountId);
  } catch (error) {
    logger().warn({ err: error, accountId }, 'the files of a deleted account wait for their end');
  }
}

/** One that stays must not hold up the others. */
async function despiteErrors(remove: () => Promise<unknown>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    logger().warn({ err: error }, 'something of a deleted account waits for its end');
  }
}
