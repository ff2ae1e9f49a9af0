import { z } from 'zod';
import { jobInputSchema } from './job.ts';

/** What a run would probably give; measured on two cores, so a guide and no promise. */
export type Estimate = {
  /** Pages, or frames, that would be worked on. */
  pages?: number;
  /** Number of outputs. */
  outputs: number;
  /** All outputs together. */
  bytes: number;
  run_ms: number;
};

/** The answer of `POST /tools/{tool}/estimate`. */
export const estimateSchema = z.object({
  object: z.literal('estimate'),
  tool: z.string(),
  units: z.int().describe('Calls that the run would be charged; 0 where its result is kept.'),
  is_repeat: z.boolean().describe('An equal call was made before, and its result is kept.'),
  pages: z.int().nullable(),
  outputs: z.int(),
  predicted: z.object({
    bytes: z.int().describe('All outputs together.'),
    run_ms: z.int().describe('Milliseconds of work, without the queue.'),
  }),
  input: jobInputSchema,
  options_effective: z.record(z.string(), z.unknown()),
  warnings: z.array(z.looseObject({ code: z.string(), message: z.string() })),
});

export type PublicEstimate = z.infer<typeof estimateSchema>;
