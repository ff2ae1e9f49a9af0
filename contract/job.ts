import { z } from 'zod';

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

/** A finished run as JSON: what `Accept: application/json` asks for. */
export const jobSchema = z.object({
  id: z.string(),
  object: z.literal('job'),
  tool: z.string(),
  status: z.enum(['queued', 'processing', 'succeeded', 'failed', 'canceled', 'expired']),
  created_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
  expires_at: z.iso.datetime().nullable(),
  input: z.object({ files: z.array(z.object({ filename: z.string(), size: z.int() })) }),
  options_effective: z.record(z.string(), z.unknown()),
  files: z.array(jobFileSchema),
  result: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('What the tool measured, where its answer is more than files.'),
  warnings: z.array(warningSchema),
  engine: z.object({ name: z.string(), version: z.string() }),
  timing: z.object({ queue_ms: z.number(), run_ms: z.number() }),
  units: z.int(),
});

export type Job = z.infer<typeof jobSchema>;
