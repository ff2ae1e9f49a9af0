import { publicErrorOf } from '@nebula/contract/errors';
import type { CacheUse } from '@nebula/contract/job';
import type { InputFile, Tool } from '@nebula/contract/tool';
import { type ToolId, tools } from '@nebula/contract/tools';
import { capOf } from '../../context.ts';
import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import { type RunFile, runTool } from '../../platform/media-service.ts';
import type { Spool } from '../../platform/spool.ts';
import { recordCall, reserveQuota, savedBytes } from '../usage/service.ts';
import { type CollectedInput, collectInput } from './collect-input.ts';
import { describeJob } from './describe-job.ts';
import { copyKept, findRepeat, keepRepeat, repeatKey, retainUntil } from './repeats.ts';
import { modeOf, type RunContext, requireSpool } from './run-context.ts';
import { awaitRunPlace } from './run-place.ts';
import { landFiles, openRun, type StoredRun, storeFiles, type ToolRun } from './stored-run.ts';

export { type CollectedInput, collectInput } from './collect-input.ts';
export { describeFiles } from './describe-job.ts';
export { copyKept, findRepeat, keepRepeat, repeatKey } from './repeats.ts';
export { modeOf, type RunContext, requireSpool } from './run-context.ts';
export { landFiles, openRun, type StoredRun, storeFiles, type ToolRun } from './stored-run.ts';
export { timeLimitOf } from './time-limit.ts';

/**
 * Runs a tool now. The order of effects is the point: collect → repeat, or a place → reserve →
 * run → store → record, and the reservation goes back when anything after it fails.
 */
export async function runToolNow(
  ctx: RunContext,
  toolId: ToolId,
  input: Record<string, unknown>,
): Promise<ToolRun> {
  const tool: Tool = tools[toolId];
  const spool = requireSpool(ctx);
  const call: Call = { ctx, tool, spool, startedAt: clock.now(), files: [], cache: 'bypass' };
  try {
    const collected = await collectInput(ctx, call.spool, tool, input);
    call.files = collected.files;
    const key = await repeatKey({ account: ctx.actor.account, mode: modeOf(ctx) }, tool, collected);
    const kept = key === undefined ? undefined : await takeRepeat(call, collected, key);
    call.cache = key === undefined ? 'bypass' : kept ? 'hit' : 'miss';
    ctx.replyHeaders.set('x-cache', call.cache);
    const run = kept ? await repeat(call, kept) : await runAndCharge(call, collected, key);
    record(call, { status: 200, outputs: run.files, timing: run.result.timing });
    return run;
  } catch (error) {
    record(call, { status: statusOf(error) });
    throw error;
  }
}

type Call = {
  ctx: RunContext;
  tool: Tool;
  spool: Spool;
  /** Milliseconds. */
  startedAt: number;
  files: InputFile[];
  /** Known once the input is. */
  cache: CacheUse;
};

/** The kept run of an equal call; of whom addresses are given, the outputs are copied. */
async function takeRepeat({ ctx }: Call, { options }: CollectedInput, key: string) {
  const kept = await findRepeat(key, options);
  return kept && ctx.answer === 'json' ? copyKept(kept, resultFolder(ctx)) : kept?.run;
}

/** The kept outputs of an equal call: byte for byte, and free. */
async function repeat(call: Call, { files: stored, result }: StoredRun): Promise<ToolRun> {
  const { ctx } = call;
  const finishedAt = clock.now();
  const expiresAt = retainUntil(ctx.actor.account, finishedAt);
  const job =
    ctx.answer === 'json'
      ? await describeJob({ ...call, result, stored, expiresAt, finishedAt, units: 0 })
      : undefined;
  return openRun({ units: 0, result, files: stored, job });
}

async function runAndCharge(
  call: Call,
  collected: CollectedInput,
  key: string | undefined,
): Promise<ToolRun> {
  const giveBack = await awaitRunPlace(call.ctx.actor.account, call.ctx.signal);
  try {
    return await reserveAndRun(call, collected, key);
  } finally {
    giveBack();
  }
}

async function reserveAndRun(
  call: Call,
  collected: CollectedInput,
  key: string | undefined,
): Promise<ToolRun> {
  const { ctx, tool } = call;
  const { actor, replyHeaders } = ctx;
  const reservation =
    modeOf(ctx) === 'test'
      ? undefined
      : await reserveQuota(actor.account, tool.units, capOf(actor));
  if (reservation) replyHeaders.set('x-quota-remaining', String(reservation.remaining));
  try {
    const run = await runAndStore(call, collected, { key, units: reservation ? tool.units : 0 });
    reservation?.settle();
    return run;
  } catch (error) {
    if (reservation) replyHeaders.set('x-quota-remaining', String(await reservation.release()));
    throw error;
  }
}

async function runAndStore(
  call: Call,
  { files, options, timeoutMs }: CollectedInput,
  { key, units }: { key: string | undefined; units: number },
): Promise<ToolRun> {
  const { ctx, spool, tool } = call;
  const { account } = ctx.actor;
  const { files: made, ...result } = await runTool({
    tool: tool.id,
    requestId: ctx.requestId,
    accountId: account.id,
    options,
    mode: modeOf(ctx),
    files,
    timeoutMs,
    folder: await spool.folder(),
    signal: ctx.signal,
  });
  const isKept = key !== undefined && result.is_repeatable;
  if (!isKept && ctx.answer === 'bytes') return { units, files: made, result };
  const outputs = await landFiles(made, spool);
  const finishedAt = clock.now();
  const expiresAt = retainUntil(account, finishedAt);
  const store = async (signal?: AbortSignal) => {
    const stored = await storeFiles(outputs, resultFolder(ctx), signal);
    if (isKept) await keepRepeat(key, { run: { units, files: stored, result }, expiresAt });
    return stored;
  };
  if (ctx.answer === 'bytes') {
    // The caller has its answer at once; the files stay until they are stored.
    spool.keepUntil(store().catch(noteUnkept));
    return { units, files: outputs, result };
  }
  const stored = await store(ctx.signal);
  const job = await describeJob({ ...call, result, stored, expiresAt, finishedAt, units });
  return { units, files: outputs, result, job };
}

/** Below it lies what one direct call has stored; the plan in its name says for how long. */
const resultFolder = ({ actor: { account }, requestId }: RunContext) =>
  `results/${account.plan}/${account.id}/${requestId}`;

const noteUnkept = (error: unknown) =>
  logger().warn({ err: error }, 'a result was not kept for repeats');

function record(
  { ctx, files, startedAt, tool }: Call,
  outcome: {
    status: number;
    outputs?: RunFile[];
    timing?: { run_ms: number };
  },
): void {
  recordCall({
    accountId: ctx.actor.account.id,
    keyId: ctx.actor.kind === 'key' ? ctx.actor.keyId : undefined,
    tool: tool.id,
    status: outcome.status,
    bytesIn: sumSizes(files),
    bytesOut: sumSizes(outcome.outputs ?? []),
    bytesSaved: savedBytes(files, outcome.outputs ?? []),
    runMs: outcome.timing?.run_ms,
    totalMs: clock.now() - startedAt,
  });
}

const sumSizes = (files: { size: number }[]) => files.reduce((sum, file) => sum + file.size, 0);
const statusOf = (error: unknown) => publicErrorOf(error)?.status ?? 500;
