import { Readable } from 'node:stream';
import { AppError } from '@nebula/contract/errors';
import { fileTypes } from '@nebula/contract/file-types';
import { displayName } from '@nebula/contract/filename';
import { plans } from '@nebula/contract/plans';
import type { FileSource } from '@nebula/contract/stored-file';
import type { InputFile } from '@nebula/contract/tool';
import { database } from '../../database.ts';
import { clock, isoTime } from '../../platform/clock.ts';
import { readCursor, signCursor } from '../../platform/cursor.ts';
import {
  deleteFolder,
  presignDownload,
  presignSeconds,
  readStored,
  storeFile,
} from '../../platform/s3.ts';
import { isMissing } from '../../platform/s3-upload.ts';
import type { Spool } from '../../platform/spool.ts';
import { spoolUrl } from '../../platform/spool-url.ts';
import type { Account } from '../account/service.ts';
import { findFile } from './find.ts';
import { removeFile } from './remove.ts';
import { addRow, announce, keepRow, makeReady, readRow } from './rows.ts';
import { type FileKey, folderOf, isReady, type ReadyFile, storeSource } from './schema.ts';

export { beginUpload, completeUpload } from './direct-upload.ts';
export { findFile } from './find.ts';
export { inspectFile } from './inspect.ts';
export { toPublicFile } from './schema.ts';
export { fileRound, sweepFiles } from './sweep.ts';

/**
 * Stores a file that has arrived, or brings it from its address first.
 *
 * @throws AppError for what the store does not take: by size, by type, by address
 */
export async function createFile(
  account: Account,
  { file, url, url_headers: headers, filename, expires_in: expiresInSeconds }: FileWish,
  { signal, spool }: { spool: Spool; signal: AbortSignal },
): Promise<ReadyFile> {
  const plan = plans[account.plan];
  const rules = { source: storeSource, plan, param: 'url', signal };
  const arrived = file ?? (await spoolUrl(spool, { url: url ?? '', headers }, rules));
  const { path, sha256, size, type } = arrived;
  if (sha256 === undefined) throw new Error('a file has come in without its hash');
  const row = announce(account, {
    source: file ? 'upload' : 'url',
    filename: filename === undefined ? arrived.filename : displayName(filename),
    size,
    openUntil: 0,
    expiresInSeconds,
  });
  const key = `${folderOf(row)}content`;
  // The row comes first: the sweeper finds by it what a killed process has left.
  await addRow(row);
  await storeFile(key, { path, size, mime: fileTypes[type].mime }, signal);
  const ready = await makeReady(row, { key, type, size, sha256 });
  if (ready) return ready;
  await deleteFolder(folderOf(row));
  throw new AppError('conflict', 'The file was deleted while it came.');
}

/** What a caller stores: a part of its body, or an address. */
export type FileWish = {
  file?: InputFile;
  url?: string;
  url_headers?: Record<string, string>;
  filename?: string;
  expires_in?: number;
};

/** The newest files of an account, from where a cursor says. */
export async function listFiles(
  accountId: string,
  { cursor, limit, source }: { cursor?: string; limit: number; source?: FileSource },
): Promise<{ rows: ReadyFile[]; nextCursor?: string }> {
  const list = `files:${accountId}:${source ?? ''}`;
  const all = database().file.query.byAccount({ accountId });
  const query = cursor === undefined ? all : all.lt({ id: readCursor(list, cursor) });
  const { data } = await query
    .where((file, { eq, gt }) =>
      [
        eq(file.status, 'ready'),
        gt(file.retainedUntil, clock.now()),
        ...(source ? [eq(file.source, source)] : []),
      ].join(' AND '),
    )
    .go({ order: 'desc', count: limit + 1 });
  const rows = data.filter(isReady).slice(0, limit);
  const last = rows.at(-1);
  return { rows, nextCursor: last && data.length > limit ? signCursor(list, last.id) : undefined };
}

/**
 * A file whose bytes are there, kept until a moment in milliseconds at least, whatever the plan says.
 *
 * @throws AppError as `findFile` does
 */
export async function keepFile(key: FileKey, until: number): Promise<ReadyFile> {
  await findFile(key);
  await keepRow(key, until);
  return findFile(key);
}

const maxRaces = 5;

/** A browser must never show these as a page of the store's own. */
const scriptable = new Set(['html', 'svg']);

/** An address of the bytes that works for 15 minutes, and saves them under a safe name. */
export async function contentOf(key: FileKey): Promise<{ url: string; expires_at: string }> {
  const row = await findFile(key);
  const { filename, type } = row;
  const mime = scriptable.has(type) ? 'application/octet-stream' : fileTypes[type].mime;
  return {
    url: await presignDownload(row.key, { filename, mime }),
    expires_at: isoTime(Math.min(clock.now() + presignSeconds * 1000, row.retainedUntil)),
  };
}

/** A stored file, to be read as the input of a tool; nothing is fetched before the first read. */
export async function openFile(key: FileKey): Promise<{ filename: string; body: Readable }> {
  const { filename, key: storedKey } = await findFile(key);
  async function* read() {
    try {
      yield* readStored(storedKey);
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw new AppError('not_found', 'There is no such file.');
    }
  }
  return { filename, body: Readable.from(read(), { objectMode: false }) };
}

/** Removes a file and its bytes now; also one that has been announced only. */
export async function deleteFile(key: FileKey): Promise<void> {
  for (let races = 0; races < maxRaces; races++) {
    const row = await readRow(key);
    if (row?.status !== 'open' && row?.status !== 'ready')
      throw new AppError('not_found', 'There is no such file.');
    if (await removeFile(row)) return;
  }
  throw new AppError('conflict', 'The file is changing. Try again in a moment.');
}
