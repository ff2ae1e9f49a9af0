import { AppError, type WireError } from '@nebula/contract/errors';
import type { Job } from '@nebula/contract/job';
import type { Tool } from '@nebula/contract/tool';
import { type ToolId, tools } from '@nebula/contract/tools';
import { capOf } from '../../context.ts';
import {
  collectInput,
  modeOf,
  openRun,
  type RunContext,
  requireSpool,
  type ToolRun,
} from '../tool-run/service.ts';
import { waitForEnd } from './await-job.ts';
import { assertNamesAllowed, type JobNames } from './named-schema.ts';
import { unpackRun } from './packed-run.ts';
import { isOver, type JobRow, toPublicJob } from './schema.ts';
import { type Submitter, submitJob } from './submit.ts';

/** A run that goes on after the answer. */
export type AcceptedRun = { accepted: Job; preference?: string };

/** Seconds that a caller waits which has not said how long, unless the work is long. */
const usualWaitSeconds = 30;

/**
 * Accepts a run as a job. A caller that waits gets what a run of now would have given, if the job
 * ends in time.
 */
export async function runToolLater(
  ctx: RunContext,
  toolId: ToolId,
  input: Record<string, unknown>,
  names: JobNames = {},
): Promise<ToolRun | AcceptedRun> {
  const tool: Tool = tools[toolId];
  await assertNamesAllowed(names);
  const collected = await collectInput(ctx, requireSpool(ctx), tool, input);
  const row = await submitJob(submitterOf(ctx), { tool, names, ...collected });
  countDown(ctx, row.units);
  ctx.replyHeaders.set('x-cache', row.cache ?? 'bypass');
  const { prefersAsync } = ctx;
  const { waitSeconds = prefersAsync || tool.isLong ? 0 : usualWaitSeconds } = ctx;
  const wish = waitSeconds > 0 ? `wait=${waitSeconds}` : 'respond-async';
  const preference = prefersAsync ? wish : undefined;
  const last = waitSeconds > 0 ? await waitForEnd(row, waitSeconds, ctx.signal) : undefined;
  if (!last || !isOver(last)) return { accepted: await toPublicJob(last ?? row), preference };
  if (preference !== undefined) ctx.replyHeaders.set('preference-applied', preference);
  return toRun(ctx, last);
}

async function toRun(ctx: RunContext, row: JobRow): Promise<ToolRun> {
  if (row.error !== undefined) {
    // It is over and has cost nothing: an equal request is to make another one.
    if (ctx.once) ctx.once.workId = undefined;
    throw AppError.fromWire(JSON.parse(row.error) as WireError);
  }
  if (row.run === undefined) throw new AppError('conflict', 'The job was canceled.');
  const run = await openRun(unpackRun(row.run));
  return ctx.answer === 'json' ? { ...run, job: await toPublicJob(row) } : run;
}

/** Who asks for a job, from the context of a call. */
export function submitterOf(ctx: RunContext): Submitter {
  const { actor, once, requestId } = ctx;
  const keyId = actor.kind === 'key' ? actor.keyId : undefined;
  const { workId } = once ?? {};
  const { account } = actor;
  return { account, requestId, keyId, mode: modeOf(ctx), cap: capOf(actor), workId };
}

function countDown({ replyHeaders }: RunContext, units: number): void {
  const left = Number(replyHeaders.get('x-quota-remaining') ?? 0) - units;
  replyHeaders.set('x-quota-remaining', String(Math.max(0, left)));
}
