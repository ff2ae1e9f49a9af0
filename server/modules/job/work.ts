import { setTimeout as delay } from 'node:timers/promises';
import { AppError, type ErrorCode, publicErrorOf, type WireError } from '@nebula/contract/errors';
import type { Progress } from '@nebula/contract/run';
import type { InputFile } from '@nebula/contract/tool';
import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import { runTool } from '../../platform/media-service.ts';
import { deleteFolder, readText } from '../../platform/s3.ts';
import { createSpool, type Spool } from '../../platform/spool.ts';
import { keepRepeat, landFiles, type StoredRun, storeFiles } from '../tool-run/service.ts';
import { bringInput } from './bring-input.ts';
import { announceJob, onJobEvent } from './events.ts';
import { recordRun } from './record.ts';
import { folderOf, inputsOf, type JobKey, type JobRow } from './schema.ts';
import { isRefusal, sendResult } from './send-result.ts';
import { dropBetween, type Hold, runSteps } from './step-work.ts';
import { stepAt } from './steps-schema.ts';
import { Stopped } from './stopped.ts';
import {
  failJob,
  leaseJob,
  readJob,
  renewLease,
  returnLease,
  settleRun,
  succeedJob,
  toWire,
} from './transitions.ts';

/** Tries of a job whose engine or worker dies under it. */
const maxAttempts = 2;

const progressMilliseconds = 1_000;
const beatMilliseconds = 2_000;
const retryMilliseconds = 2_000;

/** After its first try a job may be sent back so long by what is full or restarts, in milliseconds. */
const maxWaitMilliseconds = 60 * 60 * 1000;

/** Errors that lie in the moment alone: the job had no part in them. */
const busyCodes = new Set<ErrorCode>(['concurrency_limited', 'queue_full', 'unavailable']);

/** Errors that may lie in the job. */
const crashCodes = new Set<ErrorCode>(['engine_crashed', 'internal']);

const running = new Map<string, { accountId: string; abort: AbortController }>();

/** Jobs of an account that this process works on. */
export const countRunning = (accountId: string): number =>
  [...running.values()].filter((run) => run.accountId === accountId).length;

/** Stops all work of this process; the jobs go back to the queue, and it costs them no attempt. */
export function stopRunning(): void {
  for (const { abort } of running.values()) abort.abort(new Stopped(false));
}

/** Works on a job to its end, or gives it back. Never throws. */
export async function workOn(key: JobKey): Promise<void> {
  try {
    const held = await leaseJob(key);
    if (!held) return;
    if (held.attempt > maxAttempts) await endPoison(held);
    else await workHeld(held);
  } catch (error) {
    // The lease runs out, and somebody tries again.
    logger().error({ err: error, job: key.id }, 'the work on a job broke off');
  }
}

async function workHeld(held: JobRow): Promise<void> {
  const abort = new AbortController();
  running.set(held.id, { accountId: held.accountId, abort });
  const spool = createSpool(`${held.id}-${held.fence}`);
  const beat = startBeat(held, abort);
  const hold: Hold = { row: held };
  try {
    await announceJob('updated', held);
    const watch = { signal: abort.signal, onProgress: beat.note };
    const run = held.steps ? await runSteps(hold, watch) : await makeRun(held, spool, watch);
    await sendOn(hold, run, abort.signal);
    const done = await succeedJob(hold.row, run);
    if (!done) await dropOutputs(held);
    // A job of steps has noted each of them.
    else if (!done.steps) recordRun(done, { status: 200, run });
    if (done) {
      await keepForRepeats(done, run);
      await dropInputs(done);
    }
  } catch (error) {
    await endTry(hold.row, abort.signal.aborted ? abort.signal.reason : error);
  } finally {
    beat.stop();
    running.delete(held.id);
    await spool.remove().catch((error: unknown) => logger().error({ err: error }, 'spool stays'));
  }
}

/**
 * Sends the result where the job says. What an address has seen is charged, taken or not, as the steps
 * of a job are in any case; and what is charged is kept.
 */
async function sendOn(hold: Hold, run: StoredRun, signal: AbortSignal): Promise<void> {
  const { putUrl } = hold.row;
  if (putUrl === undefined) return;
  try {
    await sendResult(putUrl, run, signal);
  } catch (error) {
    if (isRefusal(error) || hold.row.steps !== undefined)
      hold.row = (await settleRun(hold.row, run)) ?? hold.row;
    throw error;
  }
}

async function keepForRepeats({ repeatKey, retainedUntil }: JobRow, run: StoredRun) {
  if (repeatKey === undefined || retainedUntil === undefined || !run.result.is_repeatable) return;
  await keepRepeat(repeatKey, { run, expiresAt: retainedUntil });
}

async function makeRun(
  held: JobRow,
  spool: Spool,
  { onProgress, signal }: { onProgress: (progress: Progress) => void; signal: AbortSignal },
): Promise<StoredRun> {
  const options = JSON.parse(await readText(held.optionsKey, signal)) as Record<string, unknown>;
  const files: InputFile[] = [];
  for (const input of inputsOf(held)) files.push(await bringInput(held, input, { spool, signal }));
  const { files: made, ...result } = await runTool({
    tool: held.tool,
    requestId: `${held.id}-${held.fence}`,
    accountId: held.accountId,
    options,
    mode: held.mode,
    files,
    timeoutMs: held.timeoutMs,
    folder: await spool.folder(),
    signal,
    onProgress,
  });
  const landed = await landFiles(made, spool);
  const stored = await storeFiles(landed, outputFolder(held), signal);
  return { units: held.units, files: stored, result };
}

/** Keeps the lease while the work goes on, and stops the work when it is lost. */
function startBeat(held: JobRow, abort: AbortController) {
  let progress: JobRow['progress'];
  let writtenAt = clock.now();
  let writing: Promise<void> | undefined;
  const write = async () => {
    const news = progress;
    progress = undefined;
    writtenAt = clock.now();
    try {
      const row = await renewLease(held, news);
      if (!row && !isOwnEnd(await readJob(held), held)) abort.abort(new Stopped(true));
      else if (row && news) await announceJob('updated', row);
    } catch (error) {
      logger().warn({ err: error, job: held.id }, 'a lease was not renewed');
    }
  };
  const tick = () => {
    const age = clock.now() - writtenAt;
    if (writing || age < (progress ? progressMilliseconds : beatMilliseconds)) return;
    writing = write().finally(() => {
      writing = undefined;
    });
  };
  const timer = setInterval(tick, 100);
  const ignore = onJobEvent(held.id, (event) => {
    if (event === 'canceled') abort.abort(new Stopped(true));
  });
  return {
    note: ({ eta_seconds: etaSeconds, ...news }: Progress) => {
      progress = { ...news, etaSeconds };
    },
    stop: () => {
      clearInterval(timer);
      ignore();
    },
  };
}

/** A beat may come just after the end that it belongs to. */
const isOwnEnd = (row: JobRow | undefined, held: JobRow) =>
  row?.status === 'succeeded' && row.fence === held.fence;

/**
 * Ends a try that broke off. Its outputs go last, and not where the database does not answer: the
 * write that has ended the job with them may still be on its way.
 */
async function endTry(held: JobRow, error: unknown): Promise<void> {
  await giveUp(held, error);
  const row = await readJob(held);
  if (row?.run === undefined || row.fence !== held.fence) await dropOutputs(held);
}

async function giveUp(held: JobRow, error: unknown): Promise<void> {
  if (error instanceof Stopped) {
    if (!error.isLost) await returnLease(held, { isCounted: false });
    return;
  }
  const code = publicErrorOf(error)?.code ?? 'internal';
  const { startedAt = held.createdAt } = held;
  if (busyCodes.has(code) && clock.now() - startedAt < maxWaitMilliseconds) {
    await returnLease(held, { isCounted: false, delayMs: retryMilliseconds });
    return;
  }
  if (!crashCodes.has(code)) return fail(held, error);
  logger().warn({ err: error, job: held.id, attempt: held.attempt }, 'a try of a job crashed');
  if (held.attempt < maxAttempts) await returnLease(held, { delayMs: retryMilliseconds });
  else await fail(held, error);
}

function endPoison(held: JobRow): Promise<void> {
  const message = `The engine stopped in each of ${maxAttempts} tries. Nothing was charged.`;
  return fail(held, new AppError('engine_crashed', message));
}

async function fail(held: JobRow, error: unknown): Promise<void> {
  const step = stepAt(held);
  const wire = step ? inStep(toWire(error), step.id) : toWire(error);
  const failed = await failJob(held, wire);
  const status = publicErrorOf(error)?.status ?? 500;
  if (failed) recordRun(failed, { status, tool: step?.tool });
}

/** An error of one step, which it names. */
const inStep = ({ code, details, message }: WireError, step: string): WireError => ({
  code,
  message: `Step ${step}: ${message}`,
  details: { ...details, extra: { ...details.extra, step } },
});

const outputFolder = (held: JobRow) => `${folderOf(held)}out-${held.fence}`;

/** What nobody will name any more. */
async function dropOutputs(held: JobRow): Promise<void> {
  await drop(`${outputFolder(held)}/`);
}

async function dropInputs(done: JobRow): Promise<void> {
  if (!done.keepInput) await drop(`${folderOf(done)}in/`);
  await drop(done.optionsKey);
  if (done.steps) await dropBetween(done);
}

async function drop(folder: string): Promise<void> {
  await deleteFolder(folder).catch((error: unknown) =>
    logger().warn({ err: error, folder }, 'files of a job were not removed'),
  );
}

/** Waits until this process works on nothing, but not for ever. */
export async function untilIdle(milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  while (running.size > 0 && performance.now() < end) await delay(50);
}
