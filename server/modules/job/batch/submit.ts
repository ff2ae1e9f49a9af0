import { AppError, isAppError } from '@nebula/contract/errors';
import { parseInput } from '@nebula/contract/explain';
import { fileTypes } from '@nebula/contract/file-types';
import { displayName } from '@nebula/contract/filename';
import { type Plan, plans } from '@nebula/contract/plans';
import { coversScope } from '@nebula/contract/scopes';
import type { Tool } from '@nebula/contract/tool';
import { database } from '../../../database.ts';
import { clock } from '../../../platform/clock.ts';
import { assertUrlAllowed } from '../../../platform/egress.ts';
import { newId } from '../../../platform/ids.ts';
import { logger } from '../../../platform/logger.ts';
import { findFile } from '../../file/service.ts';
import { type RunContext, timeLimitOf } from '../../tool-run/service.ts';
import { assertNamesAllowed, toNamedRow } from '../named-schema.ts';
import { submitterOf } from '../run-later.ts';
import { moved, probesOf } from '../steps.ts';
import { assertRoom, type Submitter } from '../submit.ts';
import { dueAt } from '../transitions.ts';
import { changed, readBatch } from './count.ts';
import { type BatchItem, type BatchRow, type BatchWish, toolOf } from './schema.ts';
import { findBatch } from './service.ts';
import { lookMilliseconds, startItems } from './start.ts';

/** A row holds 400 KB, and the inputs have their part of it. */
const maxOptionsLength = 100_000;

/**
 * Accepts a batch. All that can be known to be wrong is refused before anything is charged; what
 * shows later, such as a quota that is used up in the middle, is the end of one job alone.
 *
 * @throws AppError that names the field
 */
export async function submitBatch(ctx: RunContext, wish: BatchWish): Promise<BatchRow> {
  assertMay(ctx, toolOf(wish), wish);
  await assertNamesAllowed(wish);
  return submitItems(submitterOf(ctx), wish);
}

/** As {@link submitBatch}, for somebody who may. */
export async function submitItems(by: Submitter, wish: BatchWish): Promise<BatchRow> {
  const accountId = by.account.id;
  const id = by.workId === undefined ? newId('batch') : `batch_${by.workId}`;
  const key = { accountId, id };
  // An equal request may have begun it, although nobody had its answer; the sweeper goes on with it.
  const begun = by.workId && (await readBatch(key));
  if (begun) return begun;
  const tool = toolOf(wish);
  const options = optionsOf(plans[by.account.plan], tool, wish);
  const items = wish.urls
    ? wish.urls.map((url, at) => itemOfUrl(tool, url, at))
    : await itemsOfFiles(accountId, tool, wish.file_ids ?? []);
  await assertRoom(accountId, items.length);
  const now = clock.now();
  const created = await changed(() =>
    database()
      .batch.create({
        ...key,
        requestId: by.requestId,
        keyId: by.keyId,
        capLimit: by.cap?.limit,
        mode: by.mode,
        plan: by.account.plan,
        tool: tool.id,
        options: options.json,
        timeoutMs: options.timeoutMs,
        items: JSON.stringify(items),
        ...toNamedRow(wish),
        status: 'processing',
        total: items.length,
        ended: 0,
        succeeded: 0,
        failed: 0,
        canceled: 0,
        createdAt: now,
        batchWatch: 'open',
        dueAt: dueAt(now + lookMilliseconds),
      })
      .go(),
  );
  // What is there already is the same one: its own write was not answered, or an equal request's.
  const batch = created ?? (await findBatch(key));
  // From here on it is accepted: what breaks off is taken up by the sweeper.
  await startItems(by, batch).catch((error: unknown) =>
    logger().warn({ err: error, batch: id }, 'a batch has not begun in full; it will'),
  );
  return (await readBatch(key)) ?? batch;
}

function assertMay({ actor }: RunContext, tool: Tool, wish: BatchWish): void {
  if (actor.kind === 'key') {
    const needed = [`tools:${tool.id}`, ...(wish.file_ids ? ['files:read'] : [])];
    const scope = needed.find((each) => !coversScope(actor.scopes, each));
    const param = scope === 'files:read' ? 'file_ids' : 'tool';
    if (scope !== undefined)
      throw new AppError('forbidden', `The API key lacks the scope ${scope}.`, {
        param,
        extra: { scope },
      });
  }
  if (!tool.source.list) return;
  const message = `Expected a tool that takes one file; ${tool.id} holds one against others.`;
  throw new AppError('invalid_input', message, { param: 'tool' });
}

function optionsOf(plan: Plan, tool: Tool, { options = {}, urls }: BatchWish) {
  const isVisit = urls !== undefined && tool.source.url === 'visit';
  const source = isVisit ? { url: urls[0] } : probesOf(tool.source);
  const { [tool.source.field]: _probe, url: _url, ...parsed } = parseAt(tool, options, source);
  const json = JSON.stringify(parsed);
  if (json.length > maxOptionsLength) {
    const message = `Expected options of at most ${maxOptionsLength} characters as JSON, received ${json.length}.`;
    throw new AppError('invalid_input', message, { param: 'options' });
  }
  return { json, timeoutMs: ofOptions(() => timeLimitOf(plan, parsed)) };
}

function parseAt(
  tool: Tool,
  options: Record<string, unknown>,
  source: Record<string, unknown>,
): Record<string, unknown> {
  return ofOptions(() => ({ ...parseInput(tool.input, { ...options, ...source }) }));
}

/** What is wrong with the options of a batch is named from its body. */
function ofOptions<T>(look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw isAppError(error) ? moved(error, (path) => `options.${path}`) : error;
  }
}

function itemOfUrl(tool: Tool, url: string, at: number): BatchItem {
  try {
    assertUrlAllowed(url);
  } catch (error) {
    throw isAppError(error) ? atField(error, `urls.${at}`) : error;
  }
  const name = new URL(url).pathname.split('/').at(-1) ?? '';
  const [type = 'pdf'] = tool.source.accepts;
  return { jobId: newId('job'), filename: displayName(name, 'download'), size: 0, type, url };
}

async function itemsOfFiles(accountId: string, tool: Tool, ids: string[]): Promise<BatchItem[]> {
  const items: BatchItem[] = [];
  for (const [at, id] of ids.entries()) {
    const param = `file_ids.${at}`;
    const file = await findFile({ accountId, id }).catch((error: unknown) => {
      throw isAppError(error) ? atField(error, param) : error;
    });
    const { filename, key, size, type } = file;
    if (!tool.source.accepts.includes(type)) throw wrongType(tool, type, param);
    items.push({ jobId: newId('job'), filename, size, type, key, fileId: id });
  }
  return items;
}

const atField = ({ code, details, message }: AppError, param: string) =>
  new AppError(code, message, { ...details, param });

function wrongType({ source }: Tool, found: BatchItem['type'], param: string): AppError {
  const accepted = source.accepts.map((type) => fileTypes[type].title).join(', ');
  const message = `Expected ${accepted}; found ${fileTypes[found].title}.`;
  return new AppError('unsupported_input', message, {
    param,
    extra: { found, accepted: source.accepts },
  });
}
