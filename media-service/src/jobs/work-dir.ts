import { mkdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@nebula/contract/errors';
import type { Logger } from '../logger.ts';
import { ownerName } from './owner.ts';

/** The folder of one job. */
export type WorkDir = {
  /** Absolute path; only this process's user may look inside. */
  path: string;
  /** Removes it with all it holds, and ends its reservation of disk space; never throws. */
  remove: () => Promise<void>;
};

export type WorkDirs = {
  /**
   * Makes the folder of a job.
   *
   * @throws AppError `queue_full` when the volume has too little space for the job
   */
  open: (jobId: string, inputBytes: number) => Promise<WorkDir>;
  /** Folders that exist now. */
  count: () => number;
  /** Bytes of the volume that no running job has reserved. */
  freeBytes: () => Promise<number>;
  /** Removes this process's own folder; for a clean exit. */
  close: () => Promise<void>;
};

/** What must stay free, whatever the jobs do: 1 GiB. */
export const minFreeBytes = 1024 ** 3;

/** Inputs, intermediate files and outputs together are reckoned as this many times the inputs. */
const reservedPerInputByte = 3;

/**
 * The work folders under `root`. Each process has a folder whose name says who owns it, so that the
 * sweep of a later process can tell leftovers from the work of a live one.
 */
export function createWorkDirs({
  root,
  logger,
  minFree = minFreeBytes,
}: {
  root: string;
  logger: Logger;
  minFree?: number;
}): WorkDirs {
  const own = join(root, ownerName());
  const reservations = new Map<string, number>();

  async function freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(root);
    let reserved = 0;
    for (const bytes of reservations.values()) reserved += bytes;
    return bavail * bsize - reserved;
  }

  async function open(jobId: string, inputBytes: number): Promise<WorkDir> {
    const path = join(own, jobId);
    const wanted = inputBytes * reservedPerInputByte;
    reservations.set(jobId, wanted);
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
      await expectSpace(wanted);
    } catch (error) {
      await remove(jobId, path);
      throw error;
    }
    return { path, remove: () => remove(jobId, path) };
  }

  async function expectSpace(wanted: number): Promise<void> {
    // What this job has reserved itself is counted in already.
    const free = (await freeBytes()) + wanted;
    if (free >= Math.max(minFree, wanted)) return;
    throw new AppError('queue_full', 'There is too little disk space for this job now.', {
      retryAfterSeconds: 30,
      cause: new Error(`${free} bytes are free, ${Math.max(minFree, wanted)} are needed`),
    });
  }

  async function remove(jobId: string, path: string): Promise<void> {
    try {
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    } catch (error) {
      logger.error({ err: error, path }, 'a work folder could not be removed');
    }
    reservations.delete(jobId);
  }

  async function close(): Promise<void> {
    await rm(own, { recursive: true, force: true }).catch((error: unknown) =>
      logger.error({ err: error, path: own }, 'the work folders could not be removed'),
    );
  }

  return { open, count: () => reservations.size, freeBytes, close };
}
