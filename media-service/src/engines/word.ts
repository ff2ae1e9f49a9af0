import { dirname, join, resolve } from 'node:path';
import type { Env } from '../env.ts';
import type { Logger } from '../logger.ts';
import { fontRoot } from '../tools/word-to-pdf/layout/font-files.ts';
import { createOneShotPool, type OneShotPool } from './one-shot-pool.ts';
import { createStartupSnapshot } from './startup-snapshot.ts';

/** Processes with mammoth and PDFKit loaded; each converts one document. */
export type WordPool = OneShotPool;

/**
 * A usual document is done before its heap is so large that a process of one document would have to
 * look through it for what nobody needs any more.
 */
const heapFlags = ['--max-old-space-size=512', '--initial-old-space-size=256'];

export function createWord(env: Env, logger: Logger): WordPool {
  const cache = join(dirname(env.MEDIA_WORK_DIR), 'cache');
  const snapshot = createStartupSnapshot({
    entry: resolve(import.meta.dirname, '../tools/word-to-pdf/worker.ts'),
    files: [fontRoot],
    folder: join(cache, 'word-snapshot'),
    logger,
  });
  const pool = createOneShotPool(
    () => ({
      name: 'word',
      command: process.execPath,
      args: [...heapFlags, '--no-warnings', ...snapshot.args()],
      // Until there is a snapshot, a process need at least not compile its code anew.
      env: { NODE_COMPILE_CACHE: join(cache, 'word') },
      memoryCeilingBytes: 1024 ** 3,
    }),
    {
      size: env.MEDIA_SLOTS,
      budgetMilliseconds: 60_000,
      logger,
      onFailedStart: snapshot.discard,
    },
  );
  return {
    ...pool,
    start: async () => {
      await pool.start();
      void snapshot.make();
    },
    stop: async () => {
      snapshot.stop();
      await pool.stop();
    },
  };
}
