import { fileFactsSchema } from '@nebula/contract/file-facts';
import { fileTypes } from '@nebula/contract/file-types';
import {
  fileSources,
  type PublicFile,
  storedFileId,
  storedFileSchema,
  storedTypes,
} from '@nebula/contract/stored-file';
import { filePart, type Source } from '@nebula/contract/tool';
import type { EntityItem } from 'electrodb';
import { z } from 'zod';
import { isoTime } from '../../platform/clock.ts';
import { minPartBytes } from '../../platform/s3-upload.ts';
import type { fileEntity } from './entity.ts';

/** A file as it is stored. */
export type FileRow = EntityItem<typeof fileEntity>;

/** One whose bytes are there, and known. */
export type ReadyFile = FileRow & {
  status: 'ready';
  type: NonNullable<FileRow['type']>;
  key: string;
  sha256: string;
};

/** Names one file of one account. */
export type FileKey = Pick<FileRow, 'accountId' | 'id'>;

/** Whether the bytes are there. */
export const isReady = (row: FileRow): row is ReadyFile =>
  row.status === 'ready' && row.key !== undefined && row.sha256 !== undefined;

/** Below it lies everything that a file has in the store. */
export const folderOf = ({ accountId, id }: FileKey) => `files/${accountId}/${id}/`;

/** Where the bytes of a direct upload arrive; they are taken from there before they are looked at. */
export const arrivalKey = (key: FileKey) => `${folderOf(key)}arrived`;

/** The only bridge from a stored file to one that is sent. */
export function toPublicFile(row: ReadyFile): PublicFile {
  return {
    id: row.id,
    object: 'file',
    filename: row.filename,
    type: row.type,
    mime: fileTypes[row.type].mime,
    size: row.size,
    sha256: row.sha256,
    source: row.source,
    created_at: isoTime(row.createdAt),
    expires_at: isoTime(row.retainedUntil),
  };
}

/** What the body of `POST /files` may carry. */
export const storeSource: Source = {
  field: 'file',
  accepts: storedTypes,
  maxFiles: 1,
  url: 'fetch',
};

const filename = z.string().min(1).max(255).optional();
const expiresIn = z
  .int()
  .min(60)
  .max(7 * 24 * 60 * 60)
  .optional()
  .describe('Seconds until the file is removed; never more than the plan keeps it.');

export const createFileInput = z
  .strictObject({
    file: filePart(storedTypes).optional(),
    url: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .optional()
      .describe('Public http(s) address to import the file from.'),
    url_headers: z
      .record(z.string().max(64), z.string().max(4096))
      .optional()
      .describe('Headers to send to url, from an allow-list of names.'),
    filename: filename.describe('Name of the file, for display only, instead of its own.'),
    expires_in: expiresIn,
  })
  .refine(({ file, url }) => (file === undefined) !== (url === undefined), {
    path: ['file'],
    error: 'Expected exactly one of file and url.',
  })
  .refine(({ url, url_headers }) => url !== undefined || url_headers === undefined, {
    path: ['url_headers'],
    error: 'url_headers needs url.',
  });

/** Larger files come in parts. */
export const maxSingleBytes = 100 * 1024 * 1024;

export const createUploadInput = z.strictObject({
  filename: z.string().min(1).max(255).describe('Name of the file, for display only.'),
  size: z
    .int()
    .min(1)
    .describe('Bytes of the file, exactly; the addresses take neither more nor less.'),
  type: z
    .enum(storedTypes as [string, ...string[]])
    .optional()
    .describe('The type that the content will be found to have, else it is refused.'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'Expected 64 hex digits in lower case.')
    .optional()
    .describe('SHA-256 that the content will be found to have, in hex, else it is refused.'),
  part_size: z
    .int()
    .min(minPartBytes)
    .max(maxSingleBytes)
    .optional()
    .describe(
      'Send the file in parts of so many bytes. Above 100 MB a file always comes in parts.',
    ),
  expires_in: expiresIn,
});

export const fileIdInput = z.strictObject({ id: storedFileId().describe('The file.') });
export const uploadIdInput = z.strictObject({ id: storedFileId().describe('The upload.') });

export const listFilesInput = z.strictObject({
  source: z.enum(fileSources).optional().describe('Only files that came this way.'),
  limit: z.int().min(1).max(100).default(20).describe('Files on one page.'),
  cursor: z
    .string()
    .max(512)
    .optional()
    .describe('next_cursor of the page before; absent for the newest.'),
});

export const fileListSchema = z.object({
  data: z.array(storedFileSchema).describe('The files of the page.'),
  has_more: z.boolean().describe('Whether there is another page.'),
  next_cursor: z.string().nullable().describe('Where the next page begins; null on the last.'),
});

export const inspectedFileSchema = storedFileSchema.extend({
  is_damaged: z.boolean().describe('The content begins like its type, and cannot be read as it.'),
  facts: fileFactsSchema.describe(
    'What is inside; null where the type has no such thing, or the file does not say.',
  ),
});

export const fileContentSchema = z.object({
  url: z.string().describe('Where the bytes are; `Location` says the same.'),
  expires_at: z.iso.datetime().describe('Until when the address works.'),
});

export const deletedFileSchema = z.object({
  id: z.string().describe('The file that is gone.'),
  deleted: z.literal(true).describe('Always true.'),
});
