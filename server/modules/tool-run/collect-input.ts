import { Readable } from 'node:stream';
import { displayName } from '@nebula/contract/filename';
import { plans } from '@nebula/contract/plans';
import type { InputFile, Tool } from '@nebula/contract/tool';
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
  const { data, url_headers: headers, [tool.source.field]: uploaded, ...options } = input;
  const rules = { tool, plan: plans[planOf(ctx.actor)], signal: ctx.signal };
  const files = uploaded === undefined ? [] : ([uploaded].flat() as InputFile[]);
  if (typeof data === 'string') {
    const bytes = Readable.from([Buffer.from(data, 'base64')]);
    files.push(await spoolSource(spool, bytes, { ...rules, name: 'data', param: 'data' }));
  }
  if (typeof options.url === 'string' && tool.source.url === 'visit') assertUrlAllowed(options.url);
  if (typeof options.url === 'string' && tool.source.url === 'fetch') {
    const url = options.url;
    options.url = undefined;
    const fetched = await download(url, {
      headers: headers as Record<string, string> | undefined,
      maxBytes: rules.plan.maxInputBytes,
      signal: ctx.signal,
    });
    const name = decodeName(new URL(fetched.url).pathname);
    const arriving = spoolSource(spool, fetched.body, { ...rules, name, param: 'url' });
    // A download may still fail while it is read: too slow, too large, or cut off.
    files.push(await arriving.catch(rethrowEgress));
  }
  return { files, options, timeoutMs: (options.timeout_seconds as number) * 1000 };
}

function decodeName(pathname: string): string {
  try {
    return displayName(decodeURIComponent(pathname.split('/').at(-1) ?? ''), 'download');
  } catch {
    return 'download';
  }
}
