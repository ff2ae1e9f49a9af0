import { resolve } from 'node:path';
import type { Env } from '../env.ts';
import type { Logger } from '../logger.ts';
import { createWorkerPool, type WorkerPool } from './worker-pool.ts';

const gibibyte = 1024 ** 3;
const folder = resolve(import.meta.dirname, '../../../python');

/** The pool of OpenCV workers; see `python/worker.py` for what they can do. */
export type VisionPool = WorkerPool;

/** One process for each slot, each with one thread: more would only compete for the cores. */
export function createVision(env: Env, logger: Logger): VisionPool {
  return createWorkerPool(
    {
      name: 'opencv',
      command: env.PYTHON_PATH,
      args: ['-B', '-u', resolve(folder, 'worker.py')],
      env: {
        OPENCV_IO_MAX_IMAGE_PIXELS: '50000000',
        OMP_NUM_THREADS: '1',
        OPENBLAS_NUM_THREADS: '1',
      },
      memoryCeilingBytes: 1.5 * gibibyte,
      addressSpaceBytes: 4 * gibibyte,
    },
    { size: env.MEDIA_SLOTS, logger },
  );
}
