import { AppError } from '@nebula/contract/errors';
import { database } from '../../../database.ts';
import { clock } from '../../../platform/clock.ts';
import { readCursor, signCursor } from '../../../platform/cursor.ts';
import { despiteConflicts, isConditionFailure } from '../../../platform/dynamo.ts';
import { newId } from '../../../platform/ids.ts';
import { planSteps } from '../steps.ts';
import type { StepWish } from '../steps-schema.ts';
import { type PipelineKey, type PipelineRow, type PipelineWish, savedStepsOf } from './schema.ts';

const maxPipelines = 100;

/** A row holds 400 KB; documents belong into files. */
const maxStepsLength = 100_000;

/**
 * A pipeline of an account.
 *
 * @throws AppError `not_found` for one that is missing or belongs to somebody else
 */
export async function findPipeline({ accountId, id }: PipelineKey): Promise<PipelineRow> {
  const { data } = await database().pipeline.get({ accountId, id }).go({ consistent: true });
  if (!data) throw noSuchPipeline();
  return data;
}

/** The newest pipelines of an account, from where a cursor says. */
export async function listPipelines(
  accountId: string,
  { cursor, limit }: { cursor?: string; limit: number },
): Promise<{ rows: PipelineRow[]; nextCursor?: string }> {
  const list = `pipelines:${accountId}`;
  const all = database().pipeline.query.byAccount({ accountId });
  const query = cursor === undefined ? all : all.lt({ id: readCursor(list, cursor) });
  const { data } = await query.go({ order: 'desc', count: limit + 1 });
  const rows = data.slice(0, limit);
  const last = rows.at(-1);
  return { rows, nextCursor: last && data.length > limit ? signCursor(list, last.id) : undefined };
}

/** Saves steps that could run. */
export async function createPipeline(accountId: string, wish: PipelineWish): Promise<PipelineRow> {
  const steps = checkedSteps(wish);
  // Two calls at once may both be the last; a few more do no harm.
  const { rows } = await listPipelines(accountId, { limit: maxPipelines });
  if (rows.length >= maxPipelines) {
    const message = `An account has at most ${maxPipelines} pipelines. Delete one first.`;
    throw new AppError('conflict', message, { extra: { limit: maxPipelines } });
  }
  const now = clock.now();
  const row = { accountId, id: newId('pipe'), name: wish.name, steps };
  const { data } = await database()
    .pipeline.create({ ...row, createdAt: now, updatedAt: now })
    .go();
  return data;
}

/** Puts other steps in the place of those of a pipeline. Jobs that run keep theirs. */
export async function replacePipeline(
  { accountId, id }: PipelineKey,
  wish: PipelineWish,
): Promise<PipelineRow> {
  await findPipeline({ accountId, id });
  const steps = checkedSteps(wish);
  const { name } = wish;
  await unlessGone(() =>
    database().pipeline.patch({ accountId, id }).set({ name, steps, updatedAt: clock.now() }).go(),
  );
  return findPipeline({ accountId, id });
}

export async function deletePipeline({ accountId, id }: PipelineKey): Promise<void> {
  await unlessGone(() => database().pipeline.remove({ accountId, id }).go());
}

/** The steps of a saved pipeline, with the input of a run where they leave it open. */
export async function fillPipeline(
  key: PipelineKey,
  input: Record<string, unknown> | undefined,
): Promise<{ steps: StepWish[]; open: number[] }> {
  const saved = savedStepsOf(await findPipeline(key));
  const open = saved.flatMap((step, at) => (step.input === undefined ? [at] : []));
  if (open.length > 0 && input === undefined)
    throw wrongInput('Expected input: the pipeline has steps that take what a run is given.');
  if (open.length === 0 && input !== undefined)
    throw wrongInput('Expected no input: each step of the pipeline has one of its own.');
  return { steps: saved.map((step) => ({ ...step, input: step.input ?? input })), open };
}

function checkedSteps({ steps }: PipelineWish): string {
  planSteps(steps, { isOpen: true });
  const json = JSON.stringify(steps);
  if (json.length <= maxStepsLength) return json;
  const message = `Expected steps of at most ${maxStepsLength} characters as JSON, received ${json.length}. Name documents by file_id or url.`;
  throw new AppError('invalid_input', message, { param: 'steps' });
}

const wrongInput = (message: string) => new AppError('invalid_input', message, { param: 'input' });

const noSuchPipeline = () => new AppError('not_found', 'There is no such pipeline.');

async function unlessGone(write: () => Promise<unknown>): Promise<void> {
  try {
    await despiteConflicts(write);
  } catch (error) {
    throw isConditionFailure(error) ? noSuchPipeline() : error;
  }
}
