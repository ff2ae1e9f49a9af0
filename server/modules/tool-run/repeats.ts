import { createHash } from 'node:crypto';
import { plans } from '@nebula/contract/plans';
import type { InputFile, Tool } from '@nebula/contract/tool';
import { logger } from '../../platform/logger.ts';
import { engineVersions } from '../../platform/media-service.ts';
import { redis } from '../../platform/redis.ts';
import { areStored } from '../../platform/s3.ts';
import { isMissing } from '../../platform/s3-upload.ts';
import type { Account } from '../account/service.ts';
import { copyFiles, type StoredRun } from './stored-run.ts';

/** A kept run, and until when its outputs are there, in milliseconds. */
export type Kept = { run: StoredRun; expiresAt: number };

/**
 * The name under which an equal call is found again: tool, options, content and names of the files,
 * and the engines. Undefined where nothing should be kept or found.
 */
export async function repeatKey(
  { account, mode }: { account: Account; mode: 'live' | 'test' },
  tool: Tool,
  { files, options }: { files: InputFile[]; options: Record<string, unknown> },
): Promise<string | undefined> {
  const { cache, strict: _strict, timeout_seconds: _time, ...rest } = options;
  // What a tool visits may change from one second to the next.
  if (cache === false || rest.url !== undefined) return undefined;
  const engines = await engineVersions();
  if (engines === undefined) return undefined;
  const inputs = files.map(({ filename, sha256, type }) => ({ filename, sha256, type }));
  const hash = createHash('sha256').update(
    JSON.stringify([tool.id, mode, sortKeys(rest), inputs, engines]),
  );
  return `repeat:${account.id}:${hash.digest('hex')}`;
}

/** The kept run of an equal call, or undefined; without Redis there is none. */
export async function findRepeat(
  key: string,
  options: Record<string, unknown>,
): Promise<Kept | undefined> {
  const text = await redis()
    .get(key)
    .catch(() => null);
  if (text === null) return undefined;
  const kept = JSON.parse(text) as Kept;
  // Only the run itself can say no to its warnings.
  if (options.strict === true && kept.run.result.warnings.length > 0) return undefined;
  return (await areStored(kept.run.files.map((file) => file.key))) ? kept : undefined;
}

/** A kept run with outputs of its own below a folder. Undefined: they have just been removed. */
export async function copyKept({ run }: Kept, folder: string): Promise<StoredRun | undefined> {
  try {
    return { ...run, units: 0, files: await copyFiles(run.files, folder) };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Keeps a run for as long as its outputs are there; a failure costs a repeat, never the call. */
export async function keepRepeat(key: string, kept: Kept): Promise<void> {
  try {
    await redis().set(key, JSON.stringify(kept), 'PXAT', kept.expiresAt);
  } catch (error) {
    logger().warn({ err: error }, 'a result was not kept for repeats');
  }
}

/** When outputs of now are removed. */
export function retainUntil(account: Account, now: number): number {
  return now + plans[account.plan].retentionSeconds * 1000;
}

/** The order in which a caller has written the options is no difference. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sortKeys(inner)]));
}
