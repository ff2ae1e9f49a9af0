import { Readable } from 'node:stream';
import { AppError } from '@nebula/contract/errors';
import { displayName } from '@nebula/contract/filename';
import { type Plan, plans } from '@nebula/contract/plans';
import { type FileReference, type InputFile, isArrived, type Tool } from '@nebula/contract/tool';
import { type Context, planOf } from '../../context.ts';
import { assertUrlAllowed, download, rethrowEgress } from '../../platform/egress.ts';
import type { Spool } from '../../platform/spool.ts';
import { spoolSource } from '../../platform/spool-source.ts';

/** What the media-service needs: files on disk, and everything else as options. */
export type CollectedInput = {
  files: InputFile[];
  options: Record<string, unknown>;
  timeoutMs: number;
};

/** Brings every source of a call to disk: parts that have arrived, base64, and addresses. */
export async function collectInput(
  ctx: Context,
  spool: Spool,
  tool: Tool,
  input: Record<string, unknown>,
): Promise<CollectedInput> {
  const { data, url, url_headers, ...options } = input;
  const { field, list } = tool.source;
  const named = { data, url, url_headers } as FileReference;
  const given = takeFiles(options, field);
  if (data !== undefined || (url !== undefined && tool.source.url === 'fetch'))
    given.push([named, data === undefined ? 'url' : 'data']);
  else if (typeof url === 'string') options.url = url;
  if (typeof options.url === 'string') assertUrlAllowed(options.url);
  if (list) given.push(...takeFiles(options, list.field));
  const plan = plans[planOf(ctx.actor)];
  if (given.length > plan.maxFiles + (list ? 1 : 0)) throw tooManyFiles(plan, list?.field ?? field);
  const files: InputFile[] = [];
  for (const [file, param] of given)
    files.push(isArrived(file) ? file : await bring(file, param, { ctx, spool, tool, plan }));
  return { files, options, timeoutMs: (options.timeout_seconds as number) * 1000 };
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

async function bring(
  { data, filename, url = '', url_headers: headers }: FileReference,
  param: string,
  { ctx, plan, spool, tool }: { ctx: Context; spool: Spool; tool: Tool; plan: Plan },
): Promise<InputFile> {
  const rules = { tool, plan, param, signal: ctx.signal };
  if (data !== undefined) {
    const bytes = Readable.from([Buffer.from(data, 'base64')]);
    return spoolSource(spool, bytes, { ...rules, name: filename ?? 'data' });
  }
  const { maxInputBytes: maxBytes } = plan;
  const fetched = await download(url, { headers, maxBytes, signal: ctx.signal });
  const name = filename ?? decodeName(new URL(fetched.url).pathname);
  // A download may still fail while it is read: too slow, too large, or cut off.
  return spoolSource(spool, fetched.body, { ...rules, name }).catch(rethrowEgress);
}

function tooManyFiles(plan: Plan, param: string): AppError {
  const message = `The ${plan.name} plan takes at most ${plan.maxFiles} files in one call.`;
  return new AppError('invalid_input', message, {
    param,
    extra: { limit: plan.maxFiles, plan: plan.id },
  });
}

function decodeName(pathname: string): string {
  try {
    return displayName(decodeURIComponent(pathname.split('/').at(-1) ?? ''), 'download');
  } catch {
    return 'download';
  }
}
