import { EventEmitter } from 'node:events';
import { logger } from '../../platform/logger.ts';
import { redis } from '../../platform/redis.ts';
import type { JobKey, JobRow } from './schema.ts';
import { tellChanged, tellCreated } from './tell-live.ts';

/** What happens to a job. */
export type JobEvent = 'created' | 'updated' | 'succeeded' | 'failed' | 'canceled' | 'expired';

const channel = 'jobs:events';

/**
 * Tells every process, and the pages, of a change that is stored. It is a hint to look at the row and
 * nothing more: whoever misses it sees the same a little later, so a Redis that is down loses no job.
 * Of its end the pages are told by `tellEnd`, which is called again until it is done.
 */
export async function announceJob(event: JobEvent, job: JobRow): Promise<void> {
  const { accountId, id } = job;
  if (event === 'created') tellCreated(job);
  if (event === 'updated' || event === 'expired') tellChanged(job);
  await redis()
    .publish(channel, JSON.stringify({ event, accountId, id }))
    .catch((error: unknown) => logger().debug({ err: error }, 'a job event was not published'));
}

type Heard = JobKey & { event: JobEvent };

const heard = new EventEmitter<Record<string, [Heard]>>().setMaxListeners(0);
let isListening = false;

function listen(): void {
  if (isListening) return;
  isListening = true;
  const { commandTimeout: _none, ...options } = redis().options;
  const subscriber = redis().duplicate({ ...options, enableOfflineQueue: true });
  subscriber.on('error', (error) => logger().debug({ err: error }, 'job events are not heard'));
  subscriber.on('message', (_channel, text) => {
    const event = JSON.parse(text) as Heard;
    heard.emit(event.id, event);
  });
  subscriber.subscribe(channel).catch(() => {
    isListening = false;
  });
}

/** Calls back at each event of one job; returns what ends it. */
export function onJobEvent(jobId: string, listener: (event: JobEvent) => void): () => void {
  listen();
  const each = ({ event }: Heard) => listener(event);
  heard.on(jobId, each);
  return () => void heard.off(jobId, each);
}
