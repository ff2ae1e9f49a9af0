import { EventEmitter } from 'node:events';
import { openTopic } from '../../platform/topic.ts';
import type { JobKey, JobRow } from './schema.ts';
import { tellChanged, tellCreated } from './tell-live.ts';

/** What happens to a job. */
export type JobEvent = 'created' | 'updated' | 'succeeded' | 'failed' | 'canceled' | 'expired';

/**
 * Tells every process, and the pages, of a change that is stored. It is a hint to look at the row and
 * nothing more: whoever misses it sees the same a little later, so a Redis that is down loses no job.
 * Of its end the pages are told by `tellEnd`, which is called again until it is done.
 */
export async function announceJob(event: JobEvent, job: JobRow): Promise<void> {
  const { accountId, id } = job;
  if (event === 'created') tellCreated(job);
  if (event === 'updated' || event === 'expired') tellChanged(job);
  await topic.tell(JSON.stringify({ event, accountId, id }));
}

type Heard = JobKey & { event: JobEvent };

const heard = new EventEmitter<Record<string, [Heard]>>().setMaxListeners(0);

const topic = openTopic('jobs:events', (text) => {
  const event = JSON.parse(text) as Heard;
  heard.emit(event.id, event);
});

/** Calls back at each event of one job; returns what ends it. */
export function onJobEvent(jobId: string, listener: (event: JobEvent) => void): () => void {
  topic.listen();
  const each = ({ event }: Heard) => listener(event);
  heard.on(jobId, each);
  return () => void heard.off(jobId, each);
}
