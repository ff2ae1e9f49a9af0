import { AppError, publicErrorOf } from '@nebula/contract/errors';
import { fileTypes } from '@nebula/contract/file-types';
import { type PlanId, plans } from '@nebula/contract/plans';
import type { InputFile, Tool } from '@nebula/contract/tool';
import { clock } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { logger } from '../../platform/logger.ts';
import { countWaiting, enqueue, type Ticket } from '../../platform/queue.ts';
import { copyStored, deleteFolder, storeFile, storeText } from '../../platform/s3.ts';
import { isMissing } from '../../platform/s3-upload.ts';
import { writeTogether } from '../../write-together.ts';
import type { Account } from '../account/service.ts';
import { copyKept, findRepeat, repeatKey, type StoredRun } from '../tool-run/service.ts';
import {
  isBeyond,
  type KeyCap,
  noteCharge,
  planCharge,
  takeCharge,
  throwRefusedCharge,
} from '../usage/service.ts';
import { announceJob } from './events.ts';
import { wakeJobLookers } from './lookers.ts';
import { type JobNames, toNamedRow } from './named-schema.ts';
import { packRun } from './packed-run.ts';
import { recordRun } from './record.ts';
import { folderOf, inputsOf, type JobInput, type JobRow } from './schema.ts';
import { type StoredStep, stepsOf } from './steps-schema.ts';
import { tellNew } from './tell-endpoints.ts';
import { announceEnd, createEnded, type End, openAt, readJob } from './transitions.ts';

/** Jobs of one account that may wait. */
const maxWaiting = 1_000;

/** Until now + this whoever writes a job tells of it and enqueues it; then the sweeper does. */
export const enqueueMilliseconds = 3_000;

/** Who asks, and for whom. */
export type Submitter = {
  account: Account;
  requestId: string;
  keyId?: string;
  mode: 'live' | 'test';
  cap?: KeyCap;
  /** A ULID that an equal request would bring too: what it names may be there already. */
  workId?: string;
};

/** Accepts a job: once this returns it will end, whatever is killed. */
export async function submitJob(
  by: Submitter,
  {
    tool,
    files,
    names = {},
    options,
    timeoutMs,
  }: {
    tool: Tool;
    files: InputFile[];
    names?: JobNames;
    options: Record<string, unknown>;
    timeoutMs: number;
  },
): Promise<JobRow> {
  const begun = await findBegun(by);
  if (begun) return begun;
  // Somebody waits for what is put to an address: it has to be made.
  const key =
    names.put_url === undefined ? await repeatKey(by, tool, { files, options }) : undefined;
  const kept = key === undefined ? undefined : await findRepeat(key, options);
  const place = kept ? placeOf(by) : await openPlace(by);
  const inputs: JobInput[] = [];
  try {
    const run = kept && (await copyKept(kept, `${place.folder}out-0`));
    for (const [at, { filename, path, size, type }] of files.entries()) {
      const key = `${place.folder}in/${at}`;
      if (!run || names.keep_input)
        await storeFile(key, { path, size, mime: fileTypes[type].mime });
      inputs.push({ key, filename, size, type });
    }
    const job = {
      ...place,
      ...toNamedRow(names),
      tool: tool.id,
      toolUnits: tool.units,
      inputs,
      timeoutMs,
    };
    if (run) return await writeRepeat(by, { ...job, cache: 'hit' }, run);
    await storeText(place.optionsKey, JSON.stringify(options));
    const cache = key === undefined ? 'bypass' : 'miss';
    return await writeJob(by, { ...job, cache, repeatKey: key });
  } catch (error) {
    await forget(place.folder, error);
    throw error;
  }
}

/** A new job with the inputs and options of one that has failed or was canceled. */
export async function submitAgain(by: Submitter, before: JobRow, tool: Tool): Promise<JobRow> {
  const begun = await findBegun(by);
  if (begun) return begun;
  const place = await openPlace(by);
  try {
    const copy = async (input: JobInput, at: number) => {
      if (input.url !== undefined) return input;
      const key = `${place.folder}in/${at}`;
      await copyStored(input.key, key);
      return { ...input, key };
    };
    const inputs = await Promise.all(inputsOf(before).map(copy));
    await copyStored(before.optionsKey, place.optionsKey);
    const { id: retryOf, keepInput, keepSeconds, metadata, putUrl, steps, tag } = before;
    const { timeoutMs, webhookUrl } = before;
    const toolUnits = steps === undefined ? tool.units : unitsOf(stepsOf(before));
    const named = { keepInput, keepSeconds, metadata, putUrl, retryOf, steps, tag, webhookUrl };
    return await writeJob(by, {
      ...place,
      ...named,
      timeoutMs,
      tool: tool.id,
      toolUnits,
      inputs,
    });
  } catch (error) {
    await forget(place.folder, error);
    if (isMissing(error)) throw new AppError('gone', 'The inputs of the job were removed.');
    throw error;
  }
}

/** Refuses more jobs than an account may have waiting. */
export async function assertRoom(accountId: string, count: number): Promise<void> {
  const waiting = await countWaiting(accountId).catch(() => 0);
  if (waiting + count <= maxWaiting) return;
  const message = `${waiting} jobs of the account are waiting; at most ${maxWaiting} may wait.`;
  throw new AppError('queue_full', message, { retryAfterSeconds: 10 });
}

/** What all steps of a job cost. */
export const unitsOf = (steps: Pick<StoredStep, 'units'>[]) =>
  steps.reduce((sum, { units }) => sum + units, 0);

const jobIdOf = ({ workId }: Submitter) => (workId === undefined ? newId('job') : `job_${workId}`);

/** The job that an equal request has begun, although nobody had its answer. */
export async function findBegun(by: Submitter): Promise<JobRow | undefined> {
  if (by.workId === undefined) return undefined;
  return readJob({ accountId: by.account.id, id: jobIdOf(by) });
}

/** Makes room for a new job, unless too many wait. */
export async function openPlace(by: Submitter) {
  await assertRoom(by.account.id, 1);
  return placeOf(by);
}

function placeOf(by: Submitter) {
  const id = jobIdOf(by);
  const folder = folderOf({ accountId: by.account.id, id });
  return { id, folder, optionsKey: `${folder}options.json` };
}

/** What a new job is, beside who asks for it. */
export type NewJob = Pick<
  JobRow,
  | 'batchId'
  | 'cache'
  | 'id'
  | 'keepInput'
  | 'keepSeconds'
  | 'metadata'
  | 'optionsKey'
  | 'putUrl'
  | 'repeatKey'
  | 'retryOf'
  | 'steps'
  | 'tag'
  | 'timeoutMs'
  | 'tool'
  | 'webhookUrl'
> & { inputs: JobInput[]; toolUnits: number };

/** Writes a job and takes its charge, both or neither; then it is on its way. */
export async function writeJob(by: Submitter, job: NewJob): Promise<JobRow> {
  const { account, cap, mode } = by;
  const charge = mode === 'test' ? undefined : planCharge(account, job.toolUnits, cap);
  const row = {
    ...rowOf(by, job),
    units: charge?.units ?? 0,
    chargeCycle: charge?.cycle,
    chargeKeyId: charge?.keyId,
    chargeMonth: charge?.month,
  };
  const limits = { quota: plans[account.plan].callsPerCycle, cap: cap?.limit };
  if (charge && isBeyond(charge, limits)) await throwRefusedCharge(account, job.toolUnits, cap);
  wakeJobLookers();
  const isWritten = await writeTogether(({ job: jobs, ...usage }) => [
    jobs.create(row).commit(),
    ...(charge ? takeCharge(usage, charge, limits) : []),
  ]);
  if (!isWritten) {
    const begun = await readJob(row);
    if (begun) return begun;
    await throwRefusedCharge(account, job.toolUnits, cap);
  }
  if (charge) noteCharge(account);
  await announceJob('created', row);
  await letRun(row);
  return row;
}

/**
 * Tells of a new job before the queue knows it: whatever runs was told of. If the process dies in
 * between, or no endpoint can be told, the sweeper does both.
 */
async function letRun(row: JobRow): Promise<void> {
  try {
    await tellNew(row);
  } catch (error) {
    logger().warn(
      { err: error, job: row.id },
      'no endpoint was told of a new job; the sweeper will',
    );
    return;
  }
  await enqueueJob(row);
}

/** Writes a job that is over before it began, and costs nothing; one that is there stays as it is. */
export async function writeEndedJob(by: Submitter, job: NewJob, end: End): Promise<void> {
  const ended = await createEnded(rowOf(by, job), end);
  if (ended) await announceEnd(end.status, ended);
}

/** Writes a job whose result is there already, and tells of it what is told of every other. */
async function writeRepeat(by: Submitter, job: NewJob, run: StoredRun): Promise<JobRow> {
  const row = rowOf(by, job);
  const success = { status: 'succeeded' as const, run: packRun(run), startedAt: row.createdAt };
  const done = await createEnded(row, success);
  if (!done) return (await readJob(row)) ?? row;
  await announceJob('created', row);
  await announceEnd('succeeded', done);
  recordRun(done, { status: 200, run });
  return done;
}

function rowOf({ account, keyId, mode, requestId }: Submitter, job: NewJob) {
  const { inputs, toolUnits: _units, ...named } = job;
  const now = clock.now();
  return {
    ...named,
    accountId: account.id,
    requestId,
    keyId,
    mode,
    plan: account.plan,
    status: 'queued' as const,
    revision: 1,
    inputs: JSON.stringify(inputs),
    attempt: 0,
    fence: 0,
    leaseUntil: 0,
    units: 0,
    createdAt: now,
    ...openAt(now + enqueueMilliseconds),
  };
}

const priorities: Record<PlanId, number> = { enterprise: 1, pro: 2, free: 3 };

/** The tickets of an account, by its plan. */
export function ticketOf({ accountId, plan }: Pick<JobRow, 'accountId' | 'plan'>): Ticket {
  return { accountId, slots: plans[plan].concurrentJobs, priority: priorities[plan] };
}

/** Without Redis the row alone is enough: the sweeper finds it. */
export async function enqueueJob(row: JobRow): Promise<void> {
  await enqueue(ticketOf(row), [row.id]).catch((error: unknown) =>
    logger().warn({ err: error, job: row.id }, 'a job was not enqueued; the sweeper will do it'),
  );
}

/**
 * Removes what a refused job has brought. It stays where nobody knows whether the job was written: it
 * may have been, and then it runs. If not, the sweeper of strays removes it.
 */
export async function forget(folder: string, error: unknown): Promise<void> {
  if (publicErrorOf(error)?.code === 'unavailable') return;
  await deleteFolder(folder).catch((error: unknown) =>
    logger().warn({ err: error, folder }, 'inputs of a refused job were not removed'),
  );
}
