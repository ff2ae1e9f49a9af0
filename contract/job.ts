import { z } from 'zod';
import { type FileType, fileTypes } from './file-types.ts';
import type { InputFacts } from './run.ts';

/** One file of a job, as the API shows it. Sizes are bytes, `duration` is seconds; `url` works for 15 minutes. */
export const jobFileSchema = z.object({
  id: z.string(),
  filename: z.string(),
  mime: z.string(),
  size: z.int(),
  sha256: z.string(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  page: z.int().nullable(),
  pages: z.int().nullable(),
  dpi: z.number().nullable(),
  duration: z.number().nullable(),
  codec: z.string().nullable(),
  bitrate: z.int().nullable(),
  fps: z.number().nullable(),
  url: z.string(),
  expires_at: z.iso.datetime(),
});

export const warningSchema = z.looseObject({ code: z.string(), message: z.string() });

/** What a call brought; the type is that of the content, and null of an address not yet read. */
export const jobInputSchema = z.object({
  files: z.array(
    z.object({
      filename: z.string(),
      size: z.int(),
      mime: z.string().nullable(),
      pages: z
        .int()
        .nullable()
        .describe('Pages of a document or frames of a picture; null until a run has seen them.'),
      width: z
        .int()
        .nullable()
        .describe('Pixels across, upright; of a document, points of its first page.'),
      height: z.int().nullable().describe('Pixels or points down.'),
      duration: z.number().nullable().describe('Seconds of a video.'),
      url: z
        .string()
        .optional()
        .describe('Where an input that `keep_input` keeps is; works for 15 minutes.'),
    }),
  ),
});

/** Inputs as an answer shows them, with what a run has seen of each. */
export function describeInput(
  files: readonly { filename: string; size: number; type: FileType; url?: string }[],
  seen: readonly (InputFacts | undefined)[] = [],
): z.infer<typeof jobInputSchema> {
  const mimeOf = (type: FileType, url?: string) =>
    url === undefined ? fileTypes[type].mime : null;
  return {
    files: files.map(({ filename, size, type, url }, at) => ({
      filename,
      size,
      mime: mimeOf(type, url),
      pages: seen[at]?.pages ?? null,
      width: seen[at]?.width ?? null,
      height: seen[at]?.height ?? null,
      duration: seen[at]?.duration ?? null,
    })),
  };
}

/** The states of a job; from `succeeded` on it is over. */
export const jobStatuses = [
  'queued',
  'processing',
  'succeeded',
  'failed',
  'canceled',
  'expired',
] as const;

export type JobStatus = (typeof jobStatuses)[number];

/** One step of a job that has several. */
export const jobStepSchema = z.object({
  id: z.string(),
  tool: z.string(),
  status: z
    .enum(['waiting', 'processing', 'succeeded', 'failed', 'skipped'])
    .describe('`skipped`: the job ended before its turn.'),
  units: z.int().describe('What the step was charged; a step that is not done costs nothing.'),
  files: z
    .array(z.object({ filename: z.string(), mime: z.string(), size: z.int() }))
    .describe('What it has made. Files that later steps take are not kept.'),
  run_ms: z.number().nullable(),
  from: z.array(z.string()).describe('The earlier steps whose files it takes.'),
  options_effective: z
    .record(z.string(), z.unknown())
    .describe('The options in force; empty until the step is done.'),
});

/** How far a job is. Only a video has pictures a second, a speed and passes. */
export const jobProgressSchema = z.object({
  percent: z.number().min(0).max(100),
  stage: z.string(),
  message: z.string().nullable(),
  eta_seconds: z.number().nullable(),
  fps: z.number().nullable().describe('Pictures that are encoded in a second.'),
  speed: z.number().nullable().describe('Seconds of video that are encoded in a second.'),
  pass: z.int().nullable().describe('Which time the video is gone through, from 1.'),
});

export type JobProgress = z.infer<typeof jobProgressSchema>;

/** Progress with nothing to say but where it stands. */
export function plainProgress(percent: number, stage: string): JobProgress {
  const unknown = { message: null, eta_seconds: null, fps: null, speed: null, pass: null };
  return { percent, stage, ...unknown };
}

/** What became of looking for an equal call before a run. */
export const cacheUses = ['hit', 'miss', 'bypass'] as const;

export type CacheUse = (typeof cacheUses)[number];

/** A run as JSON, finished or not. */
export const jobSchema = z.object({
  id: z.string(),
  object: z.literal('job'),
  tool: z.string(),
  status: z.enum(jobStatuses),
  progress: jobProgressSchema,
  created_at: z.iso.datetime(),
  started_at: z.iso.datetime().nullable(),
  finished_at: z.iso.datetime().nullable(),
  expires_at: z.iso.datetime().nullable(),
  input: jobInputSchema,
  options_effective: z.record(z.string(), z.unknown()),
  files: z.array(jobFileSchema),
  result: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('What the tool measured, where its answer is more than files.'),
  warnings: z.array(warningSchema),
  error: z
    .looseObject({ code: z.string(), message: z.string(), retryable: z.boolean() })
    .nullable()
    .describe('Why the job failed.'),
  engine: z.object({ name: z.string(), version: z.string() }).nullable(),
  timing: z.object({ queue_ms: z.number(), run_ms: z.number() }).nullable(),
  cache: z
    .enum(cacheUses)
    .describe(
      'As `X-Cache` says it. `hit`: the kept result of an equal call, free of charge; `miss`: there was none; `bypass`: none was looked for.',
    ),
  units: z.int(),
  steps: z
    .array(jobStepSchema)
    .optional()
    .describe('The steps of a job that has several; `tool` is that of the last one.'),
  batch_id: z.string().optional().describe('The batch that the job is an item of.'),
  tag: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
});

export type Job = z.infer<typeof jobSchema>;
