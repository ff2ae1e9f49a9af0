import { planIds, plans } from '@nebula/contract/plans';
import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import type { Round } from '../../platform/rounds.ts';
import { deleteFolder, listFolder } from '../../platform/s3.ts';
import type { JobKey } from './schema.ts';
import { readJob } from './transitions.ts';

const hour = 60 * 60 * 1000;

/** Longer than any call brings its inputs before its job is written. */
const strayMilliseconds = hour;

/** Answers that may be given again are kept for a day. */
const replayMilliseconds = 25 * hour;

/** Looks for files that nobody will name any more. */
export const strayRound: Round = { name: 'strays', everyMilliseconds: hour, work: sweepStrays };

async function sweepStrays(): Promise<boolean> {
  await removeStrays(clock.now() - strayMilliseconds);
  await removeOld('replays/', clock.now() - replayMilliseconds);
  for (const { id, retentionSeconds } of Object.values(plans))
    await removeOld(`results/${id}/`, clock.now() - retentionSeconds * 1000);
  return false;
}

/** Removes what direct calls of an account have stored. */
export async function removeResults(accountId: string): Promise<void> {
  for (const id of planIds) await deleteFolder(`results/${id}/${accountId}/`);
  await deleteFolder(`replays/${accountId}/`);
}

/**
 * Removes the folders of jobs that were never written, where nothing is younger: their process died,
 * or nobody knew whether the database had taken the job.
 */
export async function removeStrays(before: number, below = 'jobs/'): Promise<void> {
  for await (const { at, folder } of foldersOf(below)) {
    const key = keyOf(folder);
    if (at >= before || key === undefined || (await readJob(key))) continue;
    await deleteFolder(folder);
    logger().info({ folder }, 'inputs of a job that was never written were removed');
  }
}

/** Removes what calls have stored for a time that is over. */
export async function removeOld(below: string, before: number): Promise<void> {
  for await (const { at, folder } of foldersOf(below)) if (at < before) await deleteFolder(folder);
}

/** `jobs/usr_…/job_…/` or `results/pro/usr_…/req_…/`, with the time of its youngest object. */
async function* foldersOf(below: string): AsyncGenerator<{ folder: string; at: number }> {
  const depth = below.startsWith('results/') ? 4 : 3;
  let last: { folder: string; at: number } | undefined;
  for await (const { at, key } of listFolder(below)) {
    const folder = `${key.split('/').slice(0, depth).join('/')}/`;
    if (folder === last?.folder) last.at = Math.max(last.at, at);
    else {
      if (last) yield last;
      last = { folder, at };
    }
  }
  if (last) yield last;
}

function keyOf(folder: string): JobKey | undefined {
  const [, accountId, id] = folder.split('/');
  return accountId && id ? { accountId, id } : undefined;
}
