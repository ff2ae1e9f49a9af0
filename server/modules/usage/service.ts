import type { Account } from '../account/service.ts';
import { flushCounters, noKey, readCounters } from './counters.ts';
import { flushCaps } from './key-cap.ts';
import { currentCycle, flushQuota, projectUse, readQuota } from './quota.ts';
import { flushRequestLog } from './request-log.ts';
import { type ListUsage, toDocumentUsage, toPublicUsage } from './schema.ts';
import { flushAlerts } from './thresholds.ts';

export {
  type Charge,
  isBeyond,
  planCharge,
  returnCharge,
  takeCharge,
  throwRefusedCharge,
} from './charge.ts';
export { type CallRecord, recordCall } from './counters.ts';
export type { KeyCap } from './key-cap.ts';
export {
  assertQuotaLeft,
  glanceAtQuota,
  noteCharge,
  type QuotaState,
  type Reservation,
  readQuota,
  reserveQuota,
} from './quota.ts';
export {
  findRequest,
  type LoggedCall,
  listRequests,
  logRequest,
  type RequestLogFilter,
} from './request-log.ts';
export { toPublicRequest } from './request-log-schema.ts';
export { savedBytes } from './saved-bytes.ts';

/** Writes all that waits to be written; called on shutdown. */
export async function flushUsage(): Promise<void> {
  await Promise.all([flushCounters(), flushRequestLog(), flushAlerts(), flushQuota(), flushCaps()]);
}

/** Where an account stands in its cycle, and where it will at the end if it goes on so. */
export async function readCycle(account: Account) {
  const { beganAt } = currentCycle(account);
  const { limit, remaining, resetsAt } = await readQuota(account);
  const used = limit - remaining;
  return { limit, remaining, used, beganAt, resetsAt, projected: projectUse({ used, beganAt }) };
}

/** The counters of an account by tool or by key, as they are sent. */
export async function readUsage(
  accountId: string,
  { by, from = '', group_by: group, key_id, period = '', to = '9999', tool }: ListUsage,
) {
  const first = from > period ? from : period;
  const last = period !== '' && period < to ? period : to;
  const keyId = key_id === 'dashboard' ? noKey : key_id;
  const filter = { by, group, from: first, to: last, keyId, tool };
  return toPublicUsage(await readCounters(accountId, filter), noKey);
}

/** What an account has done with each tool, as it is sent. */
export async function readDocumentUsage(
  accountId: string,
  { from = '', to = '9999' }: { from?: string; to?: string },
) {
  return toDocumentUsage(await readCounters(accountId, { by: 'day', group: 'tool', from, to }));
}
