import { dirname } from 'node:path';
import { AppError } from '@nebula/contract/errors';
import { fileTypes } from '@nebula/contract/file-types';
import type { Progress } from '@nebula/contract/run';
import type { InputFile, Tool } from '@nebula/contract/tool';
import { type ToolId, tools } from '@nebula/contract/tools';
import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import { runTool } from '../../platform/media-service.ts';
import { deleteFolder, readStored, readText } from '../../platform/s3.ts';
import { createSpool, type Spool } from '../../platform/spool.ts';
import { landFiles, type StoredRun, storeFiles } from '../tool-run/service.ts';
import type { StepRuns } from './packed-run.ts';
import { recordRun } from './record.ts';
import { folderOf, inputsOf, type JobRow } from './schema.ts';
import { type StoredStep, stepRunsOf, stepsOf } from './steps-schema.ts';
import { Stopped } from './stopped.ts';
import { finishStep } from './transitions.ts';

/** A job that this process works on, as it last wrote it. */
export type Hold = { row: JobRow };

type Watch = { onProgress: (progress: Progress) => void; signal: AbortSignal };

/**
 * Runs the steps that are not done yet, one after another. What a step has made is stored and its
 * charge is settled in one write before the next begins, so that nothing is ever done twice.
 */
export async function runSteps(hold: Hold, watch: Watch): Promise<StoredRun> {
  const steps = stepsOf(hold.row);
  const text = await readText(hold.row.optionsKey, watch.signal);
  const options = JSON.parse(text) as Record<string, Record<string, unknown>>;
  for (const [at, step] of steps.entries()) {
    if (stepRunsOf(hold.row)[step.id]) continue;
    const onProgress = progressOf(steps, at, watch.onProgress);
    onProgress({ percent: 0, stage: 'starting' });
    const call = { at, step, options: options[step.id] ?? {} };
    const since = clock.now();
    const run = await runStep(hold.row, call, { ...watch, onProgress });
    const row = await finishStep(hold.row, step, run);
    if (!row) {
      await drop(folderOfStep(hold.row, at));
      throw new Stopped(true);
    }
    hold.row = row;
    recordRun(row, { status: 200, run, tool: step.tool, since });
  }
  return resultOf(steps, stepRunsOf(hold.row));
}

/** Removes what steps have made for other steps alone. */
export async function dropBetween(done: JobRow): Promise<void> {
  const steps = stepsOf(done);
  const runs = stepRunsOf(done);
  for (const { id } of steps.filter(({ id }) => isTaken(steps, id))) {
    const [first] = runs[id]?.files ?? [];
    if (first) await drop(`${dirname(first.key)}/`);
  }
}

const isTaken = (steps: StoredStep[], id: string) => steps.some(({ from }) => from.includes(id));

/** The outputs that no other step takes, and what the last step says of itself. */
function resultOf(steps: StoredStep[], runs: StepRuns): StoredRun {
  const last = runs[steps.at(-1)?.id ?? ''];
  if (!last) throw new Error('a job of steps has ended without its last one');
  const ends = steps.filter(({ id }) => !isTaken(steps, id));
  const units = Object.values(runs).reduce((sum, run) => sum + run.units, 0);
  return { ...last, units, files: ends.flatMap(({ id }) => runs[id]?.files ?? []) };
}

async function runStep(
  row: JobRow,
  { at, options, step }: { at: number; step: StoredStep; options: Record<string, unknown> },
  { onProgress, signal }: Watch,
): Promise<StoredRun> {
  const spool = createSpool(`${row.id}-${row.fence}-${at}`);
  try {
    const { files: made, ...result } = await runTool({
      tool: step.tool,
      requestId: `${row.id}-${row.fence}-${at}`,
      accountId: row.accountId,
      options,
      mode: row.mode,
      files: await bringFiles(row, step, { spool, signal }),
      timeoutMs: step.timeoutMs,
      folder: await spool.folder(),
      signal,
      onProgress,
    });
    const landed = await landFiles(made, spool);
    const files = await storeFiles(landed, folderOfStep(row, at).slice(0, -1), signal);
    return { units: row.chargeCycle === undefined ? 0 : step.units, files, result };
  } catch (error) {
    await drop(folderOfStep(row, at));
    throw error;
  } finally {
    await spool.remove().catch((error: unknown) => logger().error({ err: error }, 'spool stays'));
  }
}

const folderOfStep = (row: JobRow, at: number) => `${folderOf(row)}step-${at}-${row.fence}/`;

async function bringFiles(
  row: JobRow,
  step: StoredStep,
  { signal, spool }: { spool: Spool; signal: AbortSignal },
): Promise<InputFile[]> {
  const tool: Tool = tools[step.tool as ToolId];
  const runs = stepRunsOf(row);
  const own = inputsOf(row).filter((_input, at) => step.inputs.includes(at));
  const made = step.from.flatMap((id) => runs[id]?.files ?? []);
  assertTakes(tool, step, made);
  const files: InputFile[] = [];
  for (const { filename, key, size, type } of [...own, ...made]) {
    const { path } = await spool.write(readStored(key, signal), () => {}, signal);
    files.push({ path, filename, size, type });
  }
  return files;
}

/** How many files a step makes, and in some tools of which type, shows only when it has run. */
function assertTakes({ source, title }: Tool, { from }: StoredStep, made: StoredRun['files']) {
  if (from.length === 0) return;
  const least = source.list ? 2 : 1;
  const most = source.maxFiles + (source.list?.maxFiles ?? 0);
  if (made.length < least || made.length > most) {
    const range = least === most ? `${most} file` : `${least} to ${most} files`;
    const message = `${title} takes ${range}; ${from.join(' and ')} made ${made.length}.`;
    throw new AppError('unsupported_input', message, { extra: { found: made.length } });
  }
  const other = made.find(({ type }) => !source.accepts.includes(type));
  if (!other) return;
  const accepted = source.accepts.map((type) => fileTypes[type].title).join(', ');
  const message = `${title} takes ${accepted}; ${from.join(' and ')} made ${fileTypes[other.type].title}.`;
  throw new AppError('unsupported_input', message, { extra: { found: other.type } });
}

/** How far one step is, as a part of all. */
function progressOf(
  steps: StoredStep[],
  at: number,
  tell: (progress: Progress) => void,
): (progress: Progress) => void {
  const place = `Step ${at + 1} of ${steps.length}: ${steps[at]?.id}`;
  // What is left is that of the step; of the whole nobody knows.
  return ({ eta_seconds: _ofStep, message, percent, ...news }) =>
    tell({
      ...news,
      percent: Math.floor((at * 100 + Math.min(100, Math.max(0, percent))) / steps.length),
      message: message === undefined ? place : `${place}. ${message}`,
    });
}

async function drop(folder: string): Promise<void> {
  await deleteFolder(folder).catch((error: unknown) =>
    logger().warn({ err: error, folder }, 'files of a step were not removed'),
  );
}
