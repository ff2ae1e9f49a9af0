import { displayName } from '@nebula/contract/filename';
import type { InputFile } from '@nebula/contract/tool';
import { download, rethrowEgress } from './egress.ts';
import type { Spool } from './spool.ts';
import { type SourceRules, spoolSource } from './spool-source.ts';

/**
 * Downloads an address that a user chose to the spool, through the outbound guard. Without a name
 * of the caller's the file gets the last part of the address.
 */
export async function spoolUrl(
  spool: Spool,
  { filename, headers, url }: { url: string; headers?: Record<string, string>; filename?: string },
  rules: Omit<SourceRules, 'name'>,
): Promise<InputFile> {
  const { plan, signal } = rules;
  const fetched = await download(url, { headers, maxBytes: plan.maxInputBytes, signal });
  const name = filename ?? decodeName(new URL(fetched.url).pathname);
  // A download may still fail while it is read: too slow, too large, or cut off.
  return spoolSource(spool, fetched.body, { ...rules, name }).catch(rethrowEgress);
}

function decodeName(pathname: string): string {
  try {
    return displayName(decodeURIComponent(pathname.split('/').at(-1) ?? ''), 'download');
  } catch {
    return 'download';
  }
}
