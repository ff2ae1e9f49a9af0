import { createHash } from 'node:crypto';
import { AppError, type ErrorCode, isAppError } from '@nebula/contract/errors';
import { type FileType, fileTypes, sniffBytes, sniffFileType } from '@nebula/contract/file-types';
import { displayName } from '@nebula/contract/filename';
import { plans } from '@nebula/contract/plans';
import type { PublicUpload } from '@nebula/contract/stored-file';
import { storedTypes } from '@nebula/contract/stored-file';
import { ulid } from 'ulid';
import { clock, isoTime } from '../../platform/clock.ts';
import { copyStored, deleteFolder, presignSeconds, readStored } from '../../platform/s3.ts';
import {
  beginParts,
  joinParts,
  presignPart,
  presignUpload,
  sizeOfStored,
} from '../../platform/s3-upload.ts';
import { fileTooLarge } from '../../platform/spool-source.ts';
import type { Account } from '../account/service.ts';
import { removeFile } from './remove.ts';
import { addRow, announce, makeReady, openMilliseconds, readRow } from './rows.ts';
import {
  arrivalKey,
  type FileKey,
  type FileRow,
  folderOf,
  isReady,
  maxSingleBytes,
  type ReadyFile,
} from './schema.ts';

/** What the caller says of a file that it will send. */
export type UploadWish = {
  filename: string;
  size: number;
  type?: string;
  sha256?: string;
  part_size?: number;
  expires_in?: number;
};

/** Announces a file, and gives the addresses that take its bytes. */
export async function beginUpload(account: Account, wish: UploadWish): Promise<PublicUpload> {
  const plan = plans[account.plan];
  if (wish.size > plan.maxInputBytes) throw fileTooLarge(plan, 'size');
  const openUntil = clock.now() + openMilliseconds;
  const announced = announce(account, {
    source: 'direct',
    filename: displayName(wish.filename),
    size: wish.size,
    type: wish.type as FileType | undefined,
    sha256: wish.sha256,
    openUntil,
    expiresInSeconds: wish.expires_in,
  });
  const key = arrivalKey(announced);
  const partBytes = wish.part_size ?? (wish.size > maxSingleBytes ? defaultPartBytes : undefined);
  const partsId = partBytes === undefined ? undefined : await beginParts(key);
  const row = { ...announced, partBytes, partsId };
  await addRow(row);
  const common = { method: 'PUT' as const, object: 'upload' as const };
  return {
    id: row.id,
    ...common,
    filename: row.filename,
    size: row.size,
    url: partsId === undefined ? await presignUpload(key, row.size) : null,
    parts: await presignParts(row),
    expires_at: isoTime(clock.now() + presignSeconds * 1000),
    complete_by: isoTime(openUntil),
  };
}

const defaultPartBytes = 16 * 1024 * 1024;

function presignParts(row: FileRow): Promise<PublicUpload['parts']> {
  const { partBytes, partsId, size } = row;
  if (partBytes === undefined || partsId === undefined) return Promise.resolve([]);
  const parts = Array.from({ length: Math.ceil(size / partBytes) }, async (_none, at) => {
    const part = { number: at + 1, size: Math.min(partBytes, size - at * partBytes) };
    const url = await presignPart(arrivalKey(row), partsId, part);
    return { part_number: part.number, offset: at * partBytes, size: part.size, url };
  });
  return Promise.all(parts);
}

/**
 * Looks at what has come, and makes it a file if it is what was said; else its bytes are removed.
 * One that is completed already is given again.
 *
 * @throws AppError `conflict` while bytes are missing, `unsupported_input` or `invalid_input` for a lie
 */
export async function completeUpload(account: Account, id: string): Promise<ReadyFile> {
  const row = await readRow({ accountId: account.id, id });
  if (row && isReady(row) && row.source === 'direct' && row.retainedUntil > clock.now()) return row;
  if (row?.status !== 'open' || row.source !== 'direct' || row.openUntil <= clock.now())
    throw new AppError('not_found', 'There is no such upload.');
  // The address still takes bytes: only a copy that nobody else can write is worth looking at.
  const key = `${folderOf(row)}content-${ulid()}`;
  try {
    await requireArrived(row);
    await copyStored(arrivalKey(row), key);
  } catch (error) {
    return completedElsewhere(row, error);
  }
  const ready = await makeReady(row, { key, ...(await examine(account, row, key)) });
  if (ready) {
    await deleteFolder(arrivalKey(row));
    return ready;
  }
  await deleteFolder(key);
  return completedElsewhere(row);
}

/** Another call has been faster and has taken the bytes, or the file was deleted meanwhile. */
async function completedElsewhere(key: FileKey, error?: unknown): Promise<ReadyFile> {
  const row = await readRow(key);
  if (row && isReady(row)) return row;
  if (row?.status === 'open' && error !== undefined) throw error;
  throw new AppError('not_found', 'There is no such upload.');
}

async function requireArrived(row: FileRow): Promise<void> {
  const key = arrivalKey(row);
  if ((await sizeOfStored(key)) !== undefined) return;
  const { partBytes, partsId, size } = row;
  if (partsId === undefined || partBytes === undefined)
    throw new AppError('conflict', 'No bytes have come yet. PUT them to the url of the upload.');
  const count = Math.ceil(size / partBytes);
  const come = await joinParts(key, partsId, count).catch(async (error: unknown) => {
    // Another call may have joined them in this moment.
    if ((await sizeOfStored(key)) === undefined) throw error;
    return count;
  });
  if (come >= count) return;
  const message = `${come} of ${count} parts have come. PUT the others to their addresses.`;
  throw new AppError('conflict', message, { extra: { parts_come: come, parts: count } });
}

/** What has come is not what was said, and never will be. */
const lies = new Set<ErrorCode>(['invalid_input', 'unsupported_input', 'file_too_large']);

/** Reads the bytes once: their type, number and hash. What is not as announced is removed. */
async function examine(account: Account, row: FileRow, key: string) {
  try {
    const plan = plans[account.plan];
    const size = (await sizeOfStored(key)) ?? 0;
    if (size !== row.size) throw untrue('size', `${row.size} bytes`, `${size} bytes`);
    if (size > plan.maxInputBytes) throw fileTooLarge(plan, 'size');
    const hash = createHash('sha256');
    let head = Buffer.alloc(0);
    for await (const chunk of readStored(key) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      if (head.length < sniffBytes)
        head = Buffer.concat([head, chunk.subarray(0, sniffBytes - head.length)]);
    }
    const sha256 = hash.digest('hex');
    const type = checkType(row, sniffFileType(head));
    if (row.sha256 !== undefined && row.sha256 !== sha256)
      throw untrue('sha256', row.sha256, sha256);
    return { size, sha256, type };
  } catch (error) {
    await deleteFolder(key);
    if (isAppError(error) && lies.has(error.code)) await removeFile(row);
    throw error;
  }
}

function checkType({ type: said }: FileRow, found: FileType | undefined): FileType {
  if (found !== undefined && (said === undefined || said === found)) return found;
  const accepted = said === undefined ? storedTypes : [said];
  const titles = accepted.map((type) => fileTypes[type].title).join(', ');
  const what = found ? fileTypes[found].title : 'content of an unknown type';
  throw new AppError('unsupported_input', `Expected ${titles}; found ${what}. It was removed.`, {
    param: said === undefined ? 'file' : 'type',
    extra: { found: found ?? null, accepted },
  });
}

function untrue(param: string, said: string, found: string): AppError {
  const message = `Expected ${param} to be ${said} as announced; found ${found}. The bytes were removed.`;
  return new AppError('invalid_input', message, { param });
}
