import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import { redis } from '../../platform/redis.ts';
import { deleteFolder, listFolder } from '../../platform/s3.ts';
import { startSweeper } from '../../platform/sweeper.ts';
import type { JobKey } from './schema.ts';
import { readJob } from './transitions.ts';

const hour = 60 * 60 * 1000;

/** Longer than any call brings its inputs before its job is written. */
const strayMilliseconds = hour;

/** As long as the largest plan keeps what a direct call has stored; idempotency keeps a day. */
const oldMilliseconds = { 'results/': 7 * 24 * hour, 'replays/': 25 * hour };

/** Looks for files that nobody will name any more, once an hour over all processes. */
export const startStraySweeper = () =>
  startSweeper(sweepStrays, { everyMilliseconds: hour, problem: 'stray files were not removed' });

async function sweepStrays(): Promise<boolean> {
  const isOurs = await redis().set('jobs:strays', '1', 'PX', hour - 1_000, 'NX');
  if (isOurs === null) return false;
  await removeStrays(clock.now() - strayMilliseconds);
  for (const [folder, age] of Object.entries(oldMilliseconds))
    await removeOld(folder, clock.now() - age);
  return false;
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

/** `jobs/usr_…/job_…/` with the time of its youngest object, and those of the others alike. */
async function* foldersOf(below: string): AsyncGenerator<{ folder: string; at: number }> {
  let last: { folder: string; at: number } | undefined;
  for await (const { at, key } of listFolder(below)) {
    const folder = `${key.split('/').slice(0, 3).join('/')}/`;
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
