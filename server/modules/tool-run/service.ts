import { AppError, isAppError } from '@nebula/contract/errors';
import type { Job } from '@nebula/contract/job';
import { plans } from '@nebula/contract/plans';
import type { InputFile, Tool } from '@nebula/contract/tool';
import { type ToolId, tools } from '@nebula/contract/tools';
import type { Warning } from '@nebula/contract/warnings';
import type { Actor, Context } from '../../context.ts';
import { clock } from '../../platform/clock.ts';
import { type RunFile, runTool } from '../../platform/media-service.ts';
import type { Spool } from '../../platform/spool.ts';
import { recordCall, reserveQuota } from '../usage/service.ts';
import { collectInput } from './collect-input.ts';
import { toPublicJob } from './store-result.ts';

/** A finished run: its outputs as streams, or the stored job where JSON was asked for. */
export type ToolRun = {
  units: number;
  files: RunFile[];
  result: Omit<Awaited<ReturnType<typeof runTool>>, 'files'>;
  job?: Job;
};

type RunContext = Context & { actor: Exclude<Actor, { kind: 'anonymous' }> };

/**
 * Runs a tool now. The order of effects is the point: reserve → run → store → record, and the
 * reservation goes back when anything in between fails.
 */
export async function runToolNow(
  ctx: RunContext,
  toolId: ToolId,
  input: Record<string, unknown>,
): Promise<ToolRun> {
  const tool: Tool = tools[toolId];
  const { account } = ctx.actor;
  const spool = requireSpool(ctx);
  const startedAt = clock.now();
  let files: InputFile[] = [];
  const reservation =
    ctx.actor.kind === 'key' && ctx.actor.mode === 'test'
      ? undefined
      : await reserveQuota(account, tool.units);
  if (reservation) ctx.replyHeaders.set('x-quota-remaining', String(reservation.remaining));
  try {
    const collected = await collectInput(ctx, spool, tool, input);
    files = collected.files;
    const run = await runTool({
      tool: tool.id,
      requestId: ctx.requestId,
      accountId: account.id,
      options: collected.options,
      files,
      timeoutMs: collected.timeoutMs,
      folder: await spool.folder(),
      signal: ctx.signal,
    });
    if (ctx.prefersAsync) run.warnings.push(notAsync);
    const job =
      ctx.answer === 'json'
        ? await toPublicJob({ ctx, tool, run, files, startedAt, plan: plans[account.plan] })
        : undefined;
    record(ctx, tool, { status: 200, files, outputs: run.files, startedAt, timing: run.timing });
    const { files: outputs, ...result } = run;
    return { units: reservation ? tool.units : 0, files: outputs, result, job };
  } catch (error) {
    if (reservation) {
      const remaining = await reservation.release();
      ctx.replyHeaders.set('x-quota-remaining', String(remaining));
    }
    record(ctx, tool, { status: statusOf(error), code: codeOf(error), files, startedAt });
    throw error;
  }
}

const notAsync: Warning = {
  code: 'preference_not_applied',
  message: 'This tool answers directly: respond-async was not applied.',
};

function record(
  ctx: RunContext,
  tool: Tool,
  call: {
    status: number;
    code?: string;
    files: InputFile[];
    outputs?: RunFile[];
    startedAt: number;
    timing?: { queue_ms: number; run_ms: number };
  },
): void {
  recordCall({
    accountId: ctx.actor.account.id,
    requestId: ctx.requestId,
    keyId: ctx.actor.kind === 'key' ? ctx.actor.keyId : undefined,
    tool: tool.id,
    status: call.status,
    code: call.code,
    bytesIn: sumSizes(call.files),
    bytesOut: sumSizes(call.outputs ?? []),
    queueMs: call.timing?.queue_ms,
    runMs: call.timing?.run_ms,
    totalMs: clock.now() - call.startedAt,
  });
}

const sumSizes = (files: { size: number }[]) => files.reduce((sum, file) => sum + file.size, 0);
const statusOf = (error: unknown) => (isAppError(error) ? error.status : 500);
const codeOf = (error: unknown) => (isAppError(error) ? error.code : 'internal');

function requireSpool(ctx: RunContext): Spool {
  if (ctx.spool) return ctx.spool;
  const message = 'Tools are run over the REST API: POST /api/v1/tools/{tool}.';
  throw new AppError('method_not_allowed', message);
}
