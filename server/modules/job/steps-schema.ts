import type { Job, JobStatus } from '@nebula/contract/job';
import type { InputFacts } from '@nebula/contract/run';
import { toolIds } from '@nebula/contract/tools';
import { z } from 'zod';
import { idSchema } from '../../platform/ids.ts';
import { namedFields, putUrl } from './named-schema.ts';
import { unpackRuns } from './packed-run.ts';
import type { JobRow } from './schema.ts';

/** Steps that one job may have. */
export const maxSteps = 10;

const stepSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'Expected a name such as pages: a to z, 0 to 9, _ and -.')
    .describe('Name of the step, by which later steps name it.'),
  tool: z.enum(toolIds).describe('The tool that the step runs.'),
  input: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      'Where the files come from: `step` with the id of an earlier step, `steps` with several, or what the tool itself takes, such as `file_id`, `url` or `html`.',
    ),
  options: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Options of the tool, as a direct call has them.'),
});

/** A step as a caller writes it. */
export type StepWish = z.infer<typeof stepSchema>;

export const stepsSchema = z
  .array(stepSchema)
  .min(1)
  .max(maxSteps)
  .describe(`Up to ${maxSteps} steps, run in this order.`);

export const createJobInput = z
  .strictObject({
    steps: stepsSchema.optional(),
    pipeline: idSchema('pipe').optional().describe('A saved pipeline, instead of steps.'),
    input: z
      .record(z.string(), z.unknown())
      .optional()
      .describe(
        'For the steps of a pipeline that have none: `file_id`, `url`, `html` or what else their tool takes.',
      ),
    ...namedFields,
    output: z
      .strictObject({ put_url: putUrl })
      .optional()
      .describe('Where the result goes beside being kept.'),
  })
  .refine(({ pipeline, steps }) => (pipeline === undefined) !== (steps === undefined), {
    path: ['steps'],
    error: 'Expected exactly one of steps and pipeline.',
  })
  .refine(({ input, pipeline }) => input === undefined || pipeline !== undefined, {
    path: ['input'],
    error: 'input needs pipeline.',
  });

export type JobWish = z.infer<typeof createJobInput>;

/** A step as its job keeps it. */
export type StoredStep = {
  id: string;
  tool: string;
  units: number;
  timeoutMs: number;
  /** Earlier steps whose outputs come first. */
  from: string[];
  /** Which of the job's own inputs it takes. */
  inputs: number[];
};

export const stepsOf = ({ steps }: Pick<JobRow, 'steps'>): StoredStep[] =>
  steps === undefined ? [] : (JSON.parse(steps) as StoredStep[]);

/** What the steps that are done have made. */
export const stepRunsOf = ({ stepRuns }: JobRow) =>
  stepRuns === undefined ? {} : unpackRuns(stepRuns);

/** The step at which a job stands. */
export function stepAt(row: JobRow): StoredStep | undefined {
  const done = stepRunsOf(row);
  return stepsOf(row).find(({ id }) => !done[id]);
}

/** What the steps that are done have seen of the job's own inputs, in the order of these. */
export function seenBySteps(row: JobRow): (InputFacts | undefined)[] {
  const runs = stepRunsOf(row);
  const seen: (InputFacts | undefined)[] = [];
  for (const { id, inputs } of stepsOf(row))
    for (const [at, input] of inputs.entries()) seen[input] ??= runs[id]?.result.inputs?.[at];
  return seen;
}

/** The steps as they are sent; undefined for a job of one tool. */
export function toPublicSteps(row: JobRow): Job['steps'] {
  if (row.steps === undefined) return undefined;
  const runs = stepRunsOf(row);
  const current = stepAt(row);
  return stepsOf(row).map((step) => {
    const run = runs[step.id];
    return {
      id: step.id,
      tool: step.tool,
      status: run ? 'succeeded' : stateOf(row.status, step.id === current?.id),
      units: run?.units ?? 0,
      files: (run?.files ?? []).map(({ filename, mime, size }) => ({ filename, mime, size })),
      run_ms: run?.result.timing.run_ms ?? null,
      from: step.from,
      options_effective: run?.result.options_effective ?? {},
    };
  });
}

type StepStatus = NonNullable<Job['steps']>[number]['status'];

/** The state of a step that is not done. */
function stateOf(job: JobStatus, isCurrent: boolean): StepStatus {
  if (job === 'queued') return 'waiting';
  if (job === 'processing') return isCurrent ? 'processing' : 'waiting';
  return job === 'failed' && isCurrent ? 'failed' : 'skipped';
}
