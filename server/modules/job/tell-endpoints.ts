import { emitEvent } from '../webhook/service.ts';
import { fitMessage } from './fit-message.ts';
import { type JobRow, toPublicJob } from './schema.ts';

/**
 * Tells the endpoints of the account of a new job, as it was when it was written. Told again, it is
 * the same event.
 */
export async function tellNew(row: JobRow): Promise<void> {
  const { accountId, id, webhookUrl: url } = row;
  const before = { startedAt: undefined, finishedAt: undefined, retainedUntil: undefined };
  const asNew = { ...row, ...before, status: 'queued' as const, run: undefined, error: undefined };
  const job = fitMessage(await toPublicJob(asNew));
  await emitEvent(accountId, 'job.created', job, { eventId: id.replace('job_', 'msg_'), url });
}

/** Tells them of its end; told again, it is the same event too. */
export async function tellEndpoints(row: JobRow): Promise<void> {
  const { accountId, eventId, status, webhookUrl: url } = row;
  if (status === 'succeeded' || status === 'failed' || status === 'canceled') {
    const job = fitMessage(await toPublicJob(row));
    await emitEvent(accountId, `job.${status}`, job, { eventId, url });
  }
}
