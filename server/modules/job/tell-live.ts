import { jobChannel, type RealtimeEvent, userChannel } from '@nebula/contract/realtime';
import { hint, publish } from '../realtime/service.ts';
import type { JobKey, JobRow } from './schema.ts';

type Progress = NonNullable<JobRow['progress']>;

/** The pages of the account, and whoever looks at this one job. */
const channelsOf = ({ accountId, id }: JobKey) => [userChannel(accountId), jobChannel(id)];

/** What is worth a look at the job; never what is in it. */
const factsOf = ({ id, progress, status, tool }: JobRow) => ({
  job_id: id,
  tool,
  status,
  ...(status === 'processing' && progress ? progressOf(progress) : {}),
});

/** A message may quote the input; numbers do not. */
const progressOf = ({ etaSeconds, fps, pass, percent, speed, stage }: Progress) => ({
  percent,
  stage,
  eta_seconds: etaSeconds,
  fps,
  speed,
  pass,
});

/** Tells the pages of a new job. It is not kept: whoever misses it hears of the job's end. */
export function tellCreated(row: JobRow): void {
  hint(channelsOf(row), 'job.created', factsOf(row));
}

/** Tells the pages how far a job is; the next one says it anyway. */
export function tellChanged(row: JobRow): void {
  hint(channelsOf(row), 'job.updated', factsOf(row));
}

/** Tells the pages of a job's end. Called again for the same end, it tells the same event. */
export async function tellEnded(row: JobRow): Promise<void> {
  const event: RealtimeEvent = row.status === 'failed' ? 'job.failed' : 'job.finished';
  const eventId = row.eventId?.replace(/^[a-z]+_/, 'rte_');
  await publish(channelsOf(row), event, factsOf(row), { eventId });
}
