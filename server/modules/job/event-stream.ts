import { Readable } from 'node:stream';
import { followJob } from './await-job.ts';
import { isOver, type JobKey, type JobRow, toPublicJob } from './schema.ts';

/** A line that says nothing goes out so often, for proxies that end silent connections. */
const pingMilliseconds = 15_000;

/**
 * The states of a job as Server-Sent Events: a snapshot, what changes, and always the end. The id of
 * an event is the revision of the row; who comes back with the last one gets only what is newer.
 */
export function streamEvents(
  key: JobKey,
  { lastEventId, signal }: { lastEventId?: string; signal: AbortSignal },
): Readable {
  return Readable.from(write(key, Number(lastEventId ?? 0) || 0, signal), { objectMode: false });
}

async function* write(key: JobKey, known: number, signal: AbortSignal): AsyncGenerator<string> {
  yield 'retry: 1000\n\n';
  let isFirst = true;
  let writtenAt = performance.now();
  for await (const state of followJob(key, signal)) {
    const lines = state === 'nothing new' ? [] : await toEvents(state, { isFirst, known });
    isFirst = false;
    if (lines.length > 0) yield lines.join('');
    else if (performance.now() - writtenAt >= pingMilliseconds) yield ': ping\n\n';
    else continue;
    writtenAt = performance.now();
  }
}

async function toEvents(
  row: JobRow,
  { isFirst, known }: { isFirst: boolean; known: number },
): Promise<string[]> {
  const data = JSON.stringify(await toPublicJob(row));
  const event = (name: string) => `id: ${row.revision}\nevent: ${name}\ndata: ${data}\n\n`;
  const first = isFirst && row.revision > known ? [event('snapshot')] : [];
  if (isOver(row)) return [...first, event(row.status === 'failed' ? 'failed' : 'finished')];
  return isFirst ? first : [event('updated')];
}
