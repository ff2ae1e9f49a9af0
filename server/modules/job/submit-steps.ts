import { AppError, isAppError } from '@nebula/contract/errors';
import { fileTypes } from '@nebula/contract/file-types';
import { coversScope } from '@nebula/contract/scopes';
import type { InputFile } from '@nebula/contract/tool';
import { storeFile, storeText } from '../../platform/s3.ts';
import { createSpool, type Spool } from '../../platform/spool.ts';
import { collectInput, type RunContext } from '../tool-run/service.ts';
import { assertNamesAllowed, type JobNames, toNamedRow } from './named-schema.ts';
import { fillPipeline } from './pipeline/service.ts';
import { submitterOf } from './run-later.ts';
import type { JobInput, JobRow } from './schema.ts';
import { moved, type PlannedStep, planSteps } from './steps.ts';
import type { JobWish, StepWish, StoredStep } from './steps-schema.ts';
import { findBegun, forget, openPlace, unitsOf, writeJob } from './submit.ts';

/**
 * Accepts a job of several steps. All that can be known to be wrong is refused here, before
 * anything is fetched, stored or charged.
 *
 * @throws AppError that names the field below `steps`
 */
export async function submitSteps(
  ctx: RunContext,
  { input, output, pipeline, steps = [], ...said }: JobWish,
): Promise<JobRow> {
  const named = { ...said, put_url: output?.put_url };
  if (pipeline === undefined) return submit(ctx, { steps, ...named });
  const key = { accountId: ctx.actor.account.id, id: pipeline };
  const filled = await fillPipeline(key, input);
  try {
    return await submit(ctx, { steps: filled.steps, ...named });
  } catch (error) {
    throw isAppError(error) ? moved(error, (path) => ofRun(path, filled.open)) : error;
  }
}

/** A field of an open step is a field of the input that the run was given. */
function ofRun(path: string, open: number[]): string {
  const at = open.find((step) => `${path}.`.startsWith(`steps.${step}.input.`));
  return at === undefined ? path : path.slice(`steps.${at}.`.length);
}

type NamedSteps = JobNames & { steps: StepWish[] };

async function submit(ctx: RunContext, { steps: wishes, ...names }: NamedSteps): Promise<JobRow> {
  const plan = planSteps(wishes);
  const tools = plan.map(({ tool }) => tool.id);
  assertScopes(ctx.actor, tools, (at) => `steps.${at}.tool`);
  await assertNamesAllowed(names);
  const by = submitterOf(ctx);
  const begun = await findBegun(by);
  if (begun) return begun;
  const place = await openPlace(by);
  const spool = createSpool(place.id);
  try {
    const collected = await collectAll(ctx, spool, plan);
    const inputs: JobInput[] = [];
    for (const { filename, path, size, type } of collected.files) {
      const key = `${place.folder}in/${inputs.length}`;
      await storeFile(key, { path, size, mime: fileTypes[type].mime }, ctx.signal);
      inputs.push({ key, filename, size, type });
    }
    await storeText(place.optionsKey, JSON.stringify(collected.options));
    const { id, optionsKey } = place;
    const { steps } = collected;
    return await writeJob(by, {
      id,
      optionsKey,
      tool: plan.at(-1)?.tool.id ?? '',
      toolUnits: unitsOf(steps),
      timeoutMs: steps.reduce((sum, { timeoutMs }) => sum + timeoutMs, 0),
      inputs,
      steps: JSON.stringify(steps),
      ...toNamedRow(names),
    });
  } catch (error) {
    await forget(place.folder, error);
    throw error;
  } finally {
    await spool.remove();
  }
}

/** A key needs the scope of each tool of a job, as in a direct call. */
export function assertScopes(
  actor: RunContext['actor'],
  tools: string[],
  paramOf?: (at: number) => string,
): void {
  if (actor.kind !== 'key') return;
  for (const [at, tool] of tools.entries()) {
    const scope = `tools:${tool}`;
    if (coversScope(actor.scopes, scope)) continue;
    const message = `The API key lacks the scope ${scope}, which this job needs.`;
    throw new AppError('forbidden', message, { param: paramOf?.(at), extra: { scope } });
  }
}

type Collected = {
  files: InputFile[];
  options: Record<string, Record<string, unknown>>;
  steps: StoredStep[];
};

async function collectAll(ctx: RunContext, spool: Spool, plan: PlannedStep[]): Promise<Collected> {
  const all: Collected = { files: [], options: {}, steps: [] };
  for (const [at, { from, id, input, tool }] of plan.entries()) {
    const { files, options, timeoutMs } = await collectInput(ctx, spool, tool, input).catch(
      (error: unknown) => {
        throw isAppError(error) ? moved(error, (path) => `steps.${at}.input.${path}`) : error;
      },
    );
    const inputs = files.map((_file, index) => all.files.length + index);
    all.files.push(...files);
    all.options[id] = options;
    all.steps.push({ id, tool: tool.id, units: tool.units, timeoutMs, from, inputs });
  }
  return all;
}
