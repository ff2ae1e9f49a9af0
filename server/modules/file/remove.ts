import { logger } from '../../platform/logger.ts';
import { deleteFolder } from '../../platform/s3.ts';
import { dropParts } from '../../platform/s3-upload.ts';
import { findDue, markDeleted, markOver } from './rows.ts';
import { arrivalKey, type FileRow, folderOf } from './schema.ts';

/** Removes the bytes of a file now; false where the file has changed meanwhile, and nothing is done. */
export async function removeFile(row: FileRow): Promise<boolean> {
  // The mark comes first: from now on nobody is sent to bytes that are about to go.
  if (!(await markDeleted(row))) return false;
  await removeBytes(row);
  return true;
}

const batch = 50;

/**
 * Removes what is due: expired files, uploads that nobody completed, and what came after an end.
 *
 * @returns how many were removed, and whether there may be more
 */
export async function sweepFiles(): Promise<{ count: number; hasMore: boolean }> {
  const due = await findDue(batch);
  let count = 0;
  for (const row of due) {
    try {
      await sweepFile(row);
      count += 1;
    } catch (error) {
      // One that stays is tried again; it must not hold up the others.
      logger().warn({ err: error, file: row.id }, 'an old file was not removed');
    }
  }
  return { count, hasMore: due.length === batch && count > 0 };
}

async function sweepFile(row: FileRow): Promise<void> {
  const isOpen = row.status === 'open';
  // An upload that is completed in this very moment stays.
  if (isOpen && !(await markDeleted(row))) return;
  await removeBytes(row);
  await markOver(isOpen ? { ...row, status: 'deleted' } : row);
}

async function removeBytes(row: FileRow): Promise<void> {
  if (row.partsId !== undefined) await dropParts(arrivalKey(row), row.partsId);
  await deleteFolder(folderOf(row));
}
