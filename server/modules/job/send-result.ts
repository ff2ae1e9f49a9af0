import { setTimeout as delay } from 'node:timers/promises';
import { AppError, isAppError } from '@nebula/contract/errors';
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
  let answered: number | undefined;
  for (let tries = 1; ; tries++) {
    const { error, status } = await put(url, { ...(await openResult(files)), timeoutMs, signal });
    signal.throwIfAborted();
    if (status !== undefined && status >= 200 && status < 300) return;
    answered = status ?? answered;
    // Who refuses now will refuse again; who is down may come back.
    const isFinal = status !== undefined && status < 500 && status !== 429;
    if (isFinal || tries === maxTries)
      throw answered === undefined ? unreached(error ?? 'unreachable') : refused(answered);
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

/** Whether the address has answered, and so may have taken every byte. */
export const isRefusal = (error: unknown): boolean =>
  isAppError(error) && error.details.extra?.status_of_target !== undefined;

function refused(status: number): AppError {
  const message = `output.put_url answered ${status}. The job is charged as done, and keeps its files: download them here.`;
  const extra = { status_of_target: status };
  return new AppError('resource_failed', message, { param: 'output.put_url', extra });
}

function unreached(why: string): AppError {
  const message = `The result could not be sent to output.put_url: ${why}. The inputs are kept; retry the job when the address takes it.`;
  return new AppError('resource_failed', message, { param: 'output.put_url' });
}
