import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '@nebula/contract/errors';
import { put } from '../../platform/egress.ts';
import { readStored } from '../../platform/s3.ts';
import { openZip } from '../../platform/zip.ts';
import type { StoredRun } from '../tool-run/service.ts';

const maxTries = 3;
const pauseMilliseconds = 1_000;
const timeoutMs = 10 * 60 * 1000;

/**
 * Sends what a job has made to the address that it names: one file as it is, several as a ZIP. The
 * same bytes may be sent twice where a worker dies in between.
 *
 * @throws AppError `resource_failed` where the address takes it in none of some tries
 */
export async function sendResult(
  url: string,
  { files }: Pick<StoredRun, 'files'>,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const { error, status } = await put(url, { ...(await openResult(files)), timeoutMs, signal });
    signal.throwIfAborted();
    if (status !== undefined && status >= 200 && status < 300) return;
    // Who refuses now will refuse again; who is down may come back.
    const isFinal = status !== undefined && status < 500 && status !== 429;
    if (isFinal || tries === maxTries) throw failed(status ?? error ?? 'unreachable');
    await delay(pauseMilliseconds * 2 ** (tries - 1), undefined, { signal });
  }
}

async function openResult(files: StoredRun['files']) {
  const opened = files.map((file) => ({ ...file, open: () => readStored(file.key) }));
  const [first, second] = opened;
  if (first && !second) return { stream: first.open(), size: first.size, mime: first.mime };
  const { size, stream } = openZip(opened);
  return { stream, size: await size, mime: 'application/zip' };
}

function failed(outcome: number | string): AppError {
  const what = typeof outcome === 'number' ? `it answered ${outcome}` : outcome;
  const message = `The result could not be sent to output.put_url: ${what}. The inputs are kept; retry the job when the address takes it.`;
  const extra = typeof outcome === 'number' ? { status_of_target: outcome } : undefined;
  return new AppError('resource_failed', message, { param: 'output.put_url', extra });
}
