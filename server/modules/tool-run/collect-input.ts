import { Readable } from 'node:stream';
import { AppError } from '@nebula/contract/errors';
import { type Plan, plans } from '@nebula/contract/plans';
import { coversScope } from '@nebula/contract/scopes';
import { type FileReference, type InputFile, isArrived, type Tool } from '@nebula/contract/tool';
import { planOf } from '../../context.ts';
import { assertUrlAllowed } from '../../platform/egress.ts';
import type { Spool } from '../../platform/spool.ts';
import { spoolSource } from '../../platform/spool-source.ts';
import { spoolUrl } from '../../platform/spool-url.ts';
import { openFile } from '../file/service.ts';
import type { RunContext } from './run-context.ts';
import { timeLimitOf } from './time-limit.ts';

/** What the media-service needs: files on disk, and everything else as options. */
export type CollectedInput = {
  files: InputFile[];
  options: Record<string, unknown>;
  timeoutMs: number;
};

/** Brings every source of a call to disk: parts that have arrived, base64, and addresses. */
export async function collectInput(
  ctx: RunContext,
  spool: Spool,
  tool: Tool,
  input: Record<string, unknown>,
): Promise<CollectedInput> {
  const { data, file_id, file_ids, url, url_headers, ...options } = input;
  const { field, list } = tool.source;
  const named = { data, url, url_headers } as FileReference;
  const given = takeFiles(options, field);
  if (data !== undefined || (url !== undefined && tool.source.url === 'fetch'))
    given.push([named, data === undefined ? 'url' : 'data']);
  else if (typeof url === 'string') options.url = url;
  given.push(...takeIds({ file_id, file_ids }));
  if (typeof options.url === 'string') assertUrlAllowed(options.url);
  if (list) given.push(...takeFiles(options, list.field));
  const plan = plans[planOf(ctx.actor)];
  const timeoutMs = timeLimitOf(plan, options);
  if (given.length > plan.maxFiles + (list ? 1 : 0)) throw tooManyFiles(plan, list?.field ?? field);
  const files: InputFile[] = [];
  for (const [file, param] of given)
    files.push(isArrived(file) ? file : await bring(file, param, { ctx, spool, tool, plan }));
  if (ctx.measured) ctx.measured.bytesIn = files.reduce((sum, { size }) => sum + size, 0);
  return { files, options, timeoutMs };
}

type Given = [file: InputFile | FileReference, param: string];

/** Takes the files of a field out of the options; in a list the parameter tells which. */
function takeFiles(options: Record<string, unknown>, field: string): Given[] {
  const { [field]: value } = options;
  delete options[field];
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [[value as InputFile, field]];
  return value.map((file: InputFile, at): Given => [file, `${field}.${at}`]);
}

/** Stored files that are named instead of sent. */
function takeIds(named: { file_id?: unknown; file_ids?: unknown }): Given[] {
  const { file_id: one, file_ids: many = [] } = named as { file_id?: string; file_ids?: string[] };
  const first: Given[] = one === undefined ? [] : [[{ file_id: one }, 'file_id']];
  return [...first, ...many.map((id, at): Given => [{ file_id: id }, `file_ids.${at}`])];
}

async function bring(
  { data, file_id: id, filename, url = '', url_headers: headers }: FileReference,
  param: string,
  { ctx, plan, spool, tool }: { ctx: RunContext; spool: Spool; tool: Tool; plan: Plan },
): Promise<InputFile> {
  const rules = { source: tool.source, plan, param, signal: ctx.signal };
  if (data !== undefined) {
    const bytes = Readable.from([Buffer.from(data, 'base64')]);
    return spoolSource(spool, bytes, { ...rules, name: filename ?? 'data' });
  }
  if (id === undefined) return spoolUrl(spool, { url, headers, filename }, rules);
  const stored = await openStored(ctx, id, param);
  return spoolSource(spool, stored.body, { ...rules, name: filename ?? stored.filename });
}

/** A key that runs tools is not yet one that reads what the account has stored. */
async function openStored({ actor }: RunContext, id: string, param: string) {
  const scope = 'files:read';
  if (actor.kind === 'key' && !coversScope(actor.scopes, scope)) {
    const message = `The API key lacks the scope ${scope}, which a stored file needs.`;
    throw new AppError('forbidden', message, { param, extra: { scope } });
  }
  return openFile({ accountId: actor.account.id, id });
}

function tooManyFiles(plan: Plan, param: string): AppError {
  const message = `The ${plan.name} plan takes at most ${plan.maxFiles} files in one call.`;
  return new AppError('invalid_input', message, {
    param,
    extra: { limit: plan.maxFiles, plan: plan.id },
  });
}
