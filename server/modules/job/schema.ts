import type { WireError } from '@nebula/contract/errors';
import { errorCodes } from '@nebula/contract/errors';
import type { FileType } from '@nebula/contract/file-types';
import {
  describeInput,
  type Job,
  type JobStatus,
  jobSchema,
  jobStatuses,
  plainProgress,
} from '@nebula/contract/job';
import { toolIds } from '@nebula/contract/tools';
import type { EntityItem } from 'electrodb';
import { z } from 'zod';
import { isoTime } from '../../platform/clock.ts';
import { idSchema } from '../../platform/ids.ts';
import { presignDownload } from '../../platform/s3.ts';
import { describeFiles } from '../tool-run/service.ts';
import type { jobEntity } from './entity.ts';
import { unpackRun } from './packed-run.ts';
import { seenBySteps, toPublicSteps } from './steps-schema.ts';

/** A job as it is stored. */
export type JobRow = EntityItem<typeof jobEntity>;

/**
 * An input of a job in the store, or of a batch: there it may lie among the files of the account,
 * or is fetched from its address when the job runs.
 */
export type JobInput = {
  key: string;
  filename: string;
  size: number;
  type: FileType;
  url?: string;
};

/** Names one job of one account. */
export type JobKey = Pick<JobRow, 'accountId' | 'id'>;

const finalStatuses: readonly JobStatus[] = ['succeeded', 'failed', 'canceled', 'expired'];

/** Whether a job is over. */
export const isOver = ({ status }: Pick<JobRow, 'status'>) => finalStatuses.includes(status);

/** Whether there are outputs to read: of a success, or of a result that its address did not take. */
export const hasOutputs = ({ run, status, watch }: JobRow) =>
  run !== undefined && (status === 'succeeded' || status === 'failed') && watch !== 'over';

export const inputsOf = ({ inputs }: JobRow) => JSON.parse(inputs) as JobInput[];

/** Below it lies everything that a job has in the store. */
export const folderOf = ({ accountId, id }: JobKey) => `jobs/${accountId}/${id}/`;

/** The only bridge from a stored job to one that is sent. */
export async function toPublicJob(row: JobRow): Promise<Job> {
  const run = row.run === undefined ? undefined : unpackRun(row.run);
  const { result } = run ?? {};
  const { retainedUntil } = row;
  const hasFiles = hasOutputs(row) && run && retainedUntil !== undefined;
  return {
    id: row.id,
    object: 'job',
    tool: row.tool,
    status: row.status,
    progress: toProgress(row),
    created_at: isoTime(row.createdAt),
    started_at: toTime(row.startedAt),
    finished_at: toTime(row.finishedAt),
    expires_at: toTime(retainedUntil),
    input: await toInput(row, row.steps ? seenBySteps(row) : result?.inputs),
    options_effective: result?.options_effective ?? {},
    files: hasFiles ? await describeFiles(run.files, retainedUntil) : [],
    ...(result?.result ? { result: result.result } : {}),
    warnings: result?.warnings ?? [],
    error: row.error === undefined ? null : toPublicError(JSON.parse(row.error) as WireError),
    engine: result?.engine ?? null,
    timing: result?.timing ?? null,
    cache: row.cache ?? 'bypass',
    units: row.status === 'failed' || row.status === 'canceled' ? (row.doneUnits ?? 0) : row.units,
    steps: toPublicSteps(row),
    batch_id: row.batchId,
    tag: row.tag ?? null,
    metadata: row.metadata === undefined ? {} : JSON.parse(row.metadata),
  };
}

/** What the job was given; with addresses where it keeps that. */
async function toInput(
  row: JobRow,
  seen: Parameters<typeof describeInput>[1],
): Promise<Job['input']> {
  const inputs = inputsOf(row);
  const { files } = describeInput(inputs, seen);
  if (!row.keepInput || row.watch === 'over') return { files };
  const named = files.map(async (file, at) => {
    const { key, url } = inputs[at] ?? {};
    if (key === undefined || url !== undefined) return file;
    const mime = 'application/octet-stream';
    return { ...file, url: await presignDownload(key, { filename: file.filename, mime }) };
  });
  return { files: await Promise.all(named) };
}

function toProgress({ progress, status }: JobRow): Job['progress'] {
  if (status === 'succeeded') return plainProgress(100, 'done');
  if (!progress) return plainProgress(0, status);
  const { etaSeconds, percent, stage, ...known } = progress;
  const plain = plainProgress(Math.min(100, Math.max(0, percent)), stage);
  return { ...plain, ...known, eta_seconds: etaSeconds ?? null };
}

function toPublicError({ code, details, message }: WireError): NonNullable<Job['error']> {
  const { errors, extra, param } = details;
  return { ...extra, code, message, retryable: errorCodes[code].retryable, param, errors };
}

const toTime = (milliseconds: number | undefined) =>
  milliseconds === undefined ? null : isoTime(milliseconds);

export const jobIdInput = z.strictObject({ id: idSchema('job').describe('The job.') });

export const getJobInput = jobIdInput.extend({
  wait: z
    .int()
    .min(0)
    .max(60)
    .default(0)
    .describe('Seconds to wait for the end of the job before answering.'),
});

export const listJobsInput = z.strictObject({
  status: z.enum(jobStatuses).optional().describe('Only jobs in this state.'),
  tool: z.enum(toolIds).optional().describe('Only jobs of this tool.'),
  limit: z.int().min(1).max(100).default(20).describe('Jobs on one page.'),
  cursor: z
    .string()
    .max(512)
    .optional()
    .describe('next_cursor of the page before; absent for the newest.'),
});

export const jobListSchema = z.object({
  data: z.array(jobSchema),
  has_more: z.boolean(),
  next_cursor: z.string().nullable().describe('Where the next page begins; null on the last.'),
});

export const deletedJobSchema = z.object({ id: z.string(), deleted: z.literal(true) });
