import { dirname, join, resolve } from 'node:path';
import type { Env } from '../env.ts';
import type { Logger } from '../logger.ts';
import { createOneShotPool, type OneShotPool } from './one-shot-pool.ts';

/** Processes with mammoth and PDFKit loaded; each converts one document. */
export type WordPool = OneShotPool;

export function createWord(env: Env, logger: Logger): WordPool {
  return createOneShotPool(
    {
      name: 'word',
      command: process.execPath,
      args: [
        '--max-old-space-size=512',
        '--no-warnings',
        resolve(import.meta.dirname, '../tools/word-to-pdf/worker.ts'),
      ],
      // A process for each document starts in half the time when it need not compile its code anew.
      env: { NODE_COMPILE_CACHE: join(dirname(env.MEDIA_WORK_DIR), 'cache', 'word') },
      memoryCeilingBytes: 1024 ** 3,
    },
    { size: env.MEDIA_SLOTS, budgetMilliseconds: 60_000, logger },
  );
}
