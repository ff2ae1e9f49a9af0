import { deleteFolder } from '../../platform/s3.ts';
import { dropParts } from '../../platform/s3-upload.ts';
import { markDeleted } from './rows.ts';
import { arrivalKey, type FileRow, folderOf } from './schema.ts';

/** Removes the bytes of a file now; false where the file has changed meanwhile, and nothing is done. */
export async function removeFile(row: FileRow): Promise<boolean> {
  // The mark comes first: from now on nobody is sent to bytes that are about to go.
  if (!(await markDeleted(row))) return false;
  await removeBytes(row);
  return true;
}

/** What a file has in the store. */
export async function removeBytes(row: FileRow): Promise<void> {
  if (row.partsId !== undefined) await dropParts(arrivalKey(row), row.partsId);
  await deleteFolder(folderOf(row));
}
