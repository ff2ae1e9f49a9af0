import { AppError, isAppError } from '@nebula/contract/errors';
import { parseInput } from '@nebula/contract/explain';
import type { InputFacts, Progress, RunRequest, RunResult } from '@nebula/contract/run';
import { commonOptions, type InputFile, type RunOptions, type Tool } from '@nebula/contract/tool';
import { type ToolId, tools } from '@nebula/contract/tools';
import type { Warning } from '@nebula/contract/warnings';
import type { z } from 'zod';
import type { EngineName, Engines } from '../engines/engines.ts';
import type { Logger } from '../logger.ts';
import type { Admission } from './admission.ts';
import type { CpuTokens } from './cpu-tokens.ts';
import { createJob } from './create-job.ts';
import type { Runner, RunOutput } from './job.ts';
import { checkDeclaredFiles, type FileBytes, placeInputs } from './job-inputs.ts';
import { type CheckedOutput, checkOutputs, moveToSpool, removeFiles } from './job-outputs.ts';
import type { JobLife, RunningJobs } from './running-jobs.ts';
import { lookInTurn, runInSeat, takeSeat } from './seat.ts';
import { shortageOf } from './shortage.ts';
import { resolveOutputDir } from './spool.ts';
import type { WorkDirs } from './work-dir.ts';

export type Runners = { [K in ToolId]: Runner<K> };

/** All that a job needs of the process around it. */
export type JobRoom = {
  spoolDir: string | undefined;
  engines: Engines;
  runners: Runners;
  admission: Admission;
  /** The queues of those who only look at an input. */
  looks: Admission;
  cpuTokens: CpuTokens;
  workDirs: WorkDirs;
  running: RunningJobs;
  /** Throws AppError `unavailable` when the engine could not be started. */
  expectEngine: (engine: EngineName) => void;
  /** Counts a run that holds its engine although its caller has been answered; -1 when it ended. */
  countOverdue: (engine: EngineName, change: 1 | -1) => void;
  observe: (report: JobReport) => void;
  logger: Logger;
};

/** One run as its caller asks for it. */
export type RunOrder<K extends ToolId = ToolId> = {
  tool: K;
  request: RunRequest;
  bytes: FileBytes;
  /** Aborts when the caller is gone. */
  hangUp: AbortSignal;
  /** The job has left the queue; before that, a failure is a refusal. */
  onStart: () => void;
  onProgress: (progress: Progress) => void;
  /** Hands the result over; the outputs without a `path` are read from `outputs`. */
  deliver: (result: RunResult, outputs: CheckedOutput[]) => Promise<void>;
};

export type JobReport = {
  tool: ToolId;
  /** `done`, or the code of the error. */
  outcome: string;
  /** Undefined where the job did not come so far. */
  queueMs?: number;
  runMs?: number;
};

/**
 * Runs a tool once: inputs, queue, work, outputs. Whatever happens, the work folder is removed, and
 * slot and tokens go back when the engine is free again.
 *
 * @throws AppError; anything else that was thrown is its cause
 */
export async function runJob<K extends ToolId>(room: JobRoom, order: RunOrder<K>): Promise<void> {
  const { tool, request } = order;
  const report: JobReport = { tool, outcome: 'done' };
  let life: JobLife | undefined;
  let failure: AppError | undefined;
  try {
    life = room.running.open(request.timeout_ms, order.hangUp);
    await runInFolder(room, order, life, report);
  } catch (error) {
    failure = life?.signal.aborted ? (life.signal.reason as AppError) : toAppError(error);
    report.outcome = failure.code;
    throw failure;
  } finally {
    life?.end();
    room.observe(report);
    logEnd(room.logger, request, life?.id, report, failure);
  }
}

/** What a caller did wrong is told by its code alone, because messages quote what customers sent. */
function logEnd(
  logger: Logger,
  { request_id, account_id }: RunRequest,
  job_id: string | undefined,
  report: JobReport,
  failure: AppError | undefined,
): void {
  const facts = { request_id, account_id, job_id, ...report };
  const isFault = failure !== undefined && failure.status >= 500 && failure.code !== 'tool_timeout';
  if (isFault) logger.error({ ...facts, err: failure.cause ?? failure }, 'job ended');
  else logger.info(facts, 'job ended');
}

async function runInFolder<K extends ToolId>(
  room: JobRoom,
  order: RunOrder<K>,
  life: JobLife,
  report: JobReport,
): Promise<void> {
  const { request, tool, bytes } = order;
  const { spoolDir } = room;
  const { signal } = life;
  const { engine } = room.runners[tool];
  const options = parseOptions(tool, request);
  checkDeclaredFiles(tools[tool], request.files);
  const folder = request.output_dir && (await resolveOutputDir(request.output_dir, spoolDir));
  room.expectEngine(engine);
  const accountId = request.account_id;
  const queues = request.is_estimate ? room.looks : room.admission;
  queues[engine].expectRoom(accountId);

  const inputBytes = request.files.reduce((sum, { size }) => sum + size, 0);
  const { path: dir, remove } = await room.workDirs.open(life.id, inputBytes);
  try {
    const place = { tool: tools[tool], files: request.files, bytes, dir, spoolDir };
    const files = await placeInputs({ ...place, signal });
    const look = { options, files, dir };
    if (request.is_estimate) {
      const seen = await lookInTurn(room, { engine, accountId, signal }, (queueMs) => {
        report.queueMs = queueMs;
        return estimate(room, order, life, report, look);
      });
      await order.deliver(seen, []);
      return;
    }
    const { inputs, output, warnings } = await work(room, order, life, report, look);
    if (options.strict && warnings.length > 0) throw strictFailure(warnings);
    const template = options.output?.filename;
    const outputs = await checkOutputs({ output, dir, inputs: files, template, fallback: tool });
    const moved = folder ? await moveToSpool(outputs, folder) : undefined;
    const result: RunResult = {
      files: moved ?? outputs.map(({ file }) => file),
      inputs,
      engine: output.engine,
      timing: { queue_ms: Math.round(report.queueMs ?? 0), run_ms: Math.round(report.runMs ?? 0) },
      options_effective: withoutCommon(output.optionsEffective),
      is_repeatable: output.isRepeatable ?? true,
      ...(output.result ? { result: output.result } : {}),
      warnings,
    };
    await order.deliver(result, moved ? [] : outputs).catch(async (error: unknown) => {
      await removeFiles(moved ?? []);
      throw error;
    });
  } finally {
    await remove();
  }
}

/** What a look at the input says of a run. */
async function estimate<K extends ToolId>(
  room: JobRoom,
  { onProgress, onStart, request, tool }: RunOrder<K>,
  life: JobLife,
  report: JobReport,
  { options, files, dir }: { options: ParsedOptions<K>; files: InputFile[]; dir: string },
): Promise<RunResult> {
  const runner: Runner<K> = room.runners[tool];
  life.begin(options.timeout_seconds * 1000);
  onStart();
  const warnings: Warning[] = [];
  const inputs: InputFacts[] = files.map(() => ({}));
  const notes = { inputs, warnings };
  const job = createJob({ life, request, options, files, dir, ...notes, onProgress });
  const startedAt = performance.now();
  const { optionsEffective, ...looked } = await runner.estimate(job, room.engines);
  report.runMs = performance.now() - startedAt;
  if (options.strict && warnings.length > 0) throw strictFailure(warnings);
  return {
    files: [],
    inputs,
    engine: { name: runner.engine, version: room.engines[runner.engine].health().version },
    timing: { queue_ms: Math.round(report.queueMs ?? 0), run_ms: Math.round(report.runMs) },
    options_effective: withoutCommon(optionsEffective),
    is_repeatable: true,
    warnings,
    estimate: looked,
  };
}

/** Waits in the queue and runs the tool; the seat is given back before the outputs travel. */
async function work<K extends ToolId>(
  room: JobRoom,
  { tool, request, onStart, onProgress }: RunOrder<K>,
  life: JobLife,
  report: JobReport,
  { options, files, dir }: { options: ParsedOptions<K>; files: InputFile[]; dir: string },
): Promise<{ output: RunOutput; inputs: InputFacts[]; warnings: Warning[] }> {
  const runner: Runner<K> = room.runners[tool];
  const seat = await takeSeat(room, runner, request.account_id, life.signal);
  report.queueMs = seat.queueMs;
  life.begin(options.timeout_seconds * 1000);
  onStart();
  const warnings: Warning[] = [];
  const inputs: InputFacts[] = files.map(() => ({}));
  const notes = { inputs, warnings };
  const job = createJob({ life, request, options, files, dir, ...notes, onProgress });
  const startedAt = performance.now();
  try {
    const output = await runInSeat(room, seat, life.signal, () => runner.run(job, room.engines));
    return { output, ...notes };
  } finally {
    report.runMs = performance.now() - startedAt;
  }
}

type ParsedOptions<K extends ToolId> = RunOptions<(typeof tools)[K]> &
  z.output<z.ZodObject<typeof commonOptions>>;

function parseOptions<K extends ToolId>(tool: K, { options, files }: RunRequest): ParsedOptions<K> {
  const declaration: Tool = tools[tool];
  if (files.length === 0) {
    // Without a file the options must hold a source, which only the whole schema can tell.
    parseInput(declaration.input as z.ZodType<unknown>, options);
  }
  const parsed = parseInput(declaration.run as z.ZodType<unknown>, options);
  return parsed as ParsedOptions<K>;
}

/** What is about the call, not about the output, is no option of the work. */
function withoutCommon(options: Record<string, unknown>): Record<string, unknown> {
  const own = Object.entries(options).filter(([name]) => !Object.hasOwn(commonOptions, name));
  return Object.fromEntries(own);
}

function strictFailure(warnings: Warning[]): AppError {
  const codes = [...new Set(warnings.map(({ code }) => code))].join(', ');
  const message = `The run produced warnings (${codes}), and strict is true.`;
  return new AppError('warnings_not_allowed', message, { extra: { warnings } });
}

/** The public error for whatever was thrown. */
export function toAppError(error: unknown): AppError {
  if (isAppError(error)) return error;
  const message = 'The tool failed for a reason of ours.';
  return shortageOf(error) ?? new AppError('internal', message, { cause: error });
}
