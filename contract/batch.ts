import { z } from 'zod';
import { jobFileSchema, jobSchema, jobStatuses } from './job.ts';

/** One tool for many inputs, in numbers. */
export const batchSchema = z.object({
  id: z.string(),
  object: z.literal('batch'),
  tool: z.string(),
  status: z
    .enum(['processing', 'finished', 'canceled'])
    .describe('`processing` until each of its jobs has ended.'),
  total: z.int().describe('Jobs of the batch, one for each input.'),
  counts: z.object({
    open: z.int().describe('Jobs that wait or run.'),
    succeeded: z.int(),
    failed: z.int(),
    canceled: z.int(),
  }),
  created_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
  expires_at: z.iso.datetime().nullable().describe('When the files are removed.'),
  archive: z
    .string()
    .nullable()
    .describe('Where all outputs are as one ZIP; null before the end, or where nothing was made.'),
  tag: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
});

export type Batch = z.infer<typeof batchSchema>;

/** One input of a batch, and what has become of it. */
export const batchItemSchema = z.object({
  index: z.int().describe('Place in the list that was sent, from 0.'),
  job_id: z.string(),
  input: z.object({
    filename: z.string(),
    file_id: z.string().nullable(),
    url: z.string().nullable(),
  }),
  status: z.enum([...jobStatuses, 'deleted']).describe('That of the job; `deleted`: it is gone.'),
  error: jobSchema.shape.error,
  files: z.array(jobFileSchema),
});

export const batchWithItemsSchema = batchSchema.extend({
  items: z.array(batchItemSchema).describe('In the order in which the inputs were sent.'),
});

export type BatchWithItems = z.infer<typeof batchWithItemsSchema>;
