import type { Readable } from 'node:stream';
import { AppError } from '@nebula/contract/errors';
import {
  checkUrlHeaders,
  createEgress,
  type Egress,
  EgressError,
  parseAllowList,
} from '@nebula/egress';
import { env } from '../env.ts';

let guard: Egress | undefined;

function egress(): Egress {
  guard ??= createEgress({
    ports: env().EGRESS_PORTS.split(',').map(Number),
    allow: parseAllowList(env().EGRESS_ALLOW),
  });
  return guard;
}

/** Downloads an address that a user chose, through the guard; the size is counted after decoding. */
export async function download(
  url: string,
  options: { headers?: Record<string, string>; maxBytes: number; signal: AbortSignal },
): Promise<{ body: Readable; url: string }> {
  try {
    const headers = options.headers && checkUrlHeaders(options.headers);
    return await egress().fetch(url, { ...options, headers });
  } catch (error) {
    throw toAppError(error);
  }
}

/** Refuses an address that could never be reached, before any work is done for it. */
export function assertUrlAllowed(url: string): void {
  try {
    egress().check(url);
  } catch (error) {
    throw toAppError(error);
  }
}

/** Throws the public form of whatever reading a download threw. */
export function rethrowEgress(error: unknown): never {
  throw toAppError(error);
}

function toAppError(error: unknown): unknown {
  if (!(error instanceof EgressError)) return error;
  const extra = 'limitBytes' in error ? { limit_bytes: error.limitBytes } : undefined;
  return new AppError(error.code, error.message, { param: 'url', extra, cause: error });
}
