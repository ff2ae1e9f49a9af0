import { type Batch, batchSchema } from '@nebula/contract/batch';
import type { FileType } from '@nebula/contract/file-types';
import { storedFileId } from '@nebula/contract/stored-file';
import type { Tool } from '@nebula/contract/tool';
import { type ToolId, toolIds, tools } from '@nebula/contract/tools';
import type { EntityItem } from 'electrodb';
import { z } from 'zod';
import { isoTime } from '../../../platform/clock.ts';
import { idSchema } from '../../../platform/ids.ts';
import { namedFields } from '../named-schema.ts';
import type { batchEntity } from './entity.ts';

/** A batch as it is stored. */
export type BatchRow = EntityItem<typeof batchEntity>;

/** Names one batch of one account. */
export type BatchKey = Pick<BatchRow, 'accountId' | 'id'>;

/** One input of a batch, and the job that it is or will be. */
export type BatchItem = {
  jobId: string;
  filename: string;
  /** Bytes; 0 for an address. */
  size: number;
  type: FileType;
  /** Where a stored file lies. */
  key?: string;
  fileId?: string;
  url?: string;
};

/** Inputs that one batch may have. */
export const maxItems = 100;

export const itemsOf = ({ items }: BatchRow) => JSON.parse(items) as BatchItem[];

export const toolOf = ({ tool }: Pick<BatchRow, 'tool'>): Tool => tools[tool as ToolId];

/** The only bridge from a stored batch to one that is sent. */
export function toPublicBatch(row: BatchRow): Batch {
  const { canceled, ended, failed, finishedAt, retainedUntil, succeeded, total } = row;
  const isFinished = row.status === 'finished';
  return {
    id: row.id,
    object: 'batch',
    tool: row.tool,
    status: isFinished ? (row.isCanceled ? 'canceled' : 'finished') : 'processing',
    total,
    counts: { open: total - ended, succeeded, failed, canceled },
    created_at: isoTime(row.createdAt),
    finished_at: finishedAt === undefined ? null : isoTime(finishedAt),
    expires_at: retainedUntil === undefined ? null : isoTime(retainedUntil),
    archive: isFinished && succeeded > 0 ? `/api/v1/batches/${row.id}/archive` : null,
    tag: row.tag ?? null,
    metadata: row.metadata === undefined ? {} : JSON.parse(row.metadata),
  };
}

const address = z.url({ protocol: /^https?$/ }).max(2048);

export const createBatchInput = z
  .strictObject({
    tool: z.enum(toolIds).describe('The tool that is run on each input.'),
    options: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('Options of the tool, the same for each input.'),
    file_ids: z
      .array(storedFileId())
      .min(1)
      .max(maxItems)
      .optional()
      .describe(`Stored files of the account, one for each job, up to ${maxItems}.`),
    urls: z
      .array(address)
      .min(1)
      .max(maxItems)
      .optional()
      .describe(`Public addresses, one for each job, up to ${maxItems}.`),
    expires_in: namedFields.expires_in,
    tag: namedFields.tag.describe('A name of your own for the batch and its jobs.'),
    webhook_url: namedFields.webhook_url.describe(
      'Public http or https address that is told of each job and of `batch.finished`, signed with the secret of `POST /webhook-secret/rotate`.',
    ),
    metadata: namedFields.metadata.describe('Up to 20 pairs of text that they carry.'),
  })
  .refine(({ file_ids, urls }) => (file_ids === undefined) !== (urls === undefined), {
    path: ['file_ids'],
    error: 'Expected exactly one of file_ids and urls.',
  });

export type BatchWish = z.infer<typeof createBatchInput>;

export const batchIdInput = z.strictObject({ id: idSchema('batch').describe('The batch.') });

export const listBatchesInput = z.strictObject({
  limit: z.int().min(1).max(100).default(20).describe('Batches on one page.'),
  cursor: z
    .string()
    .max(512)
    .optional()
    .describe('next_cursor of the page before; absent for the newest.'),
});

export const batchListSchema = z.object({
  data: z.array(batchSchema),
  has_more: z.boolean(),
  next_cursor: z.string().nullable().describe('Where the next page begins; null on the last.'),
});
