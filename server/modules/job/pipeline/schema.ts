import type { EntityItem } from 'electrodb';
import { z } from 'zod';
import { isoTime } from '../../../platform/clock.ts';
import { idSchema } from '../../../platform/ids.ts';
import { type StepWish, stepsSchema } from '../steps-schema.ts';
import type { pipelineEntity } from './entity.ts';

/** A pipeline as it is stored. */
export type PipelineRow = EntityItem<typeof pipelineEntity>;

/** Names one pipeline of one account. */
export type PipelineKey = Pick<PipelineRow, 'accountId' | 'id'>;

export const pipelineSchema = z.object({
  id: z.string(),
  object: z.literal('pipeline'),
  name: z.string(),
  steps: z.array(
    z.object({
      id: z.string(),
      tool: z.string(),
      input: z.record(z.string(), z.unknown()).optional(),
      options: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});

export type Pipeline = z.infer<typeof pipelineSchema>;

export const savedStepsOf = ({ steps }: PipelineRow) => JSON.parse(steps) as StepWish[];

/** The only bridge from a stored pipeline to one that is sent. */
export function toPublicPipeline(row: PipelineRow): Pipeline {
  return {
    id: row.id,
    object: 'pipeline',
    name: row.name,
    steps: savedStepsOf(row),
    created_at: isoTime(row.createdAt),
    updated_at: isoTime(row.updatedAt),
  };
}

export const savePipelineInput = z.strictObject({
  name: z.string().trim().min(1).max(100).describe('What the pipeline is called.'),
  steps: stepsSchema.describe(
    'Steps as a job has them. One without `input` takes what the job that runs it is given.',
  ),
});

export type PipelineWish = z.infer<typeof savePipelineInput>;

export const pipelineIdInput = z.strictObject({ id: idSchema('pipe').describe('The pipeline.') });

export const updatePipelineInput = savePipelineInput.extend(pipelineIdInput.shape);

export const listPipelinesInput = z.strictObject({
  limit: z.int().min(1).max(100).default(20).describe('Pipelines on one page.'),
  cursor: z
    .string()
    .max(512)
    .optional()
    .describe('next_cursor of the page before; absent for the newest.'),
});

export const pipelineListSchema = z.object({
  data: z.array(pipelineSchema),
  has_more: z.boolean(),
  next_cursor: z.string().nullable().describe('Where the next page begins; null on the last.'),
});

export const deletedPipelineSchema = z.object({ id: z.string(), deleted: z.literal(true) });
