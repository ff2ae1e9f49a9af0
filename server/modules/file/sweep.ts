import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import type { Round } from '../../platform/rounds.ts';
import { emitEvent, eventIdAt } from '../webhook/service.ts';
import { removeBytes } from './remove.ts';
import { findDue, markDeleted, markExpired, markOver, markWarned } from './rows.ts';
import { type FileRow, isReady, toPublicFile } from './schema.ts';

const batch = 50;

export const fileRound: Round = { name: 'files', everyMilliseconds: 10_000, work: sweepFiles };

/**
 * Warns of files that are about to expire, and removes what is due: expired files, uploads that
 * nobody completed, and what came after an end.
 *
 * @returns whether there may be more
 */
export async function sweepFiles(): Promise<boolean> {
  const due = await findDue(batch);
  let count = 0;
  for (const row of due) {
    try {
      if (isReady(row) && row.retainedUntil > clock.now()) await warn(row);
      else await sweepFile(row);
      count += 1;
    } catch (error) {
      // One that stays is tried again; it must not hold up the others.
      logger().warn({ err: error, file: row.id }, 'an old file was not removed');
    }
  }
  return due.length === batch && count > 0;
}

/** Whoever tells it again names the same event. */
async function warn(row: Parameters<typeof toPublicFile>[0]): Promise<void> {
  const eventId = eventIdAt(Number(row.dueAt), row.id);
  await emitEvent(row.accountId, 'file.expiring', toPublicFile(row), { eventId });
  await markWarned(row);
}

async function sweepFile(row: FileRow): Promise<void> {
  const { status } = row;
  // An upload that is completed in this very moment stays, and a file that somebody keeps for longer.
  if (status === 'open' && !(await markDeleted(row))) return;
  if (status === 'ready' && !(await markExpired(row))) return;
  await removeBytes(row);
  const endOf = {
    open: 'deleted',
    ready: 'expired',
    expired: 'expired',
    deleted: 'deleted',
  } as const;
  await markOver({ ...row, status: endOf[status] });
}
