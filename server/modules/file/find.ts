import { AppError } from '@nebula/contract/errors';
import { clock } from '../../platform/clock.ts';
import { readRow } from './rows.ts';
import { type FileKey, isReady, type ReadyFile } from './schema.ts';

/**
 * A file of an account whose bytes are there.
 *
 * @throws AppError `not_found` for one that is missing or belongs to somebody else, `gone` for one
 * whose time is over
 */
export async function findFile(key: FileKey): Promise<ReadyFile> {
  const row = await readRow(key);
  if (row?.status === 'expired' || (row?.status === 'ready' && row.retainedUntil <= clock.now()))
    throw new AppError('gone', 'The file was removed when its time was over.');
  if (row && isReady(row)) return row;
  throw new AppError('not_found', 'There is no such file.');
}
