import { resolve } from 'node:path';
import type { Env } from '../env.ts';
import type { Logger } from '../logger.ts';
import { createWorkerPool, type WorkerPool } from './worker-pool.ts';

/** The pool of sharp workers; hostile images never meet libvips in the parent process. */
export type SharpPool = WorkerPool;

export function createSharp(env: Env, logger: Logger): SharpPool {
  return createWorkerPool(
    {
      name: 'sharp',
      command: process.execPath,
      args: [resolve(import.meta.dirname, 'sharp-worker.ts')],
      env: { NODE_OPTIONS: '--max-old-space-size=256' },
      memoryCeilingBytes: 1024 ** 3,
    },
    { size: env.MEDIA_SLOTS, logger },
  );
}
