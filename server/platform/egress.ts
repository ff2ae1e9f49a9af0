import type { Readable } from 'node:stream';
import { AppError } from '@nebula/contract/errors';
import {
  checkUrlHeaders,
  createEgress,
  type Egress,
  EgressError,
  EgressRefusedError,
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

const resolveMilliseconds = 3_000;

/**
 * Refuses an address that is not public as far as its name tells today. A name that has no answer
 * is let through: what is called later is looked at again then.
 */
export async function assertAddressAllowed(url: string, param = 'url'): Promise<void> {
  try {
    const { hostname, port, protocol } = egress().check(url);
    const dialled = Number(port) || (protocol === 'https:' ? 443 : 80);
    await egress().resolve(hostname, dialled, AbortSignal.timeout(resolveMilliseconds));
  } catch (error) {
    if (error instanceof EgressRefusedError) throw toAppError(error, param);
  }
}

/** An answer of whatever status, or one word on why there was none. */
export type PostOutcome =
  | { status: number; retryAfter?: string; reply: Buffer; error?: undefined }
  | { status?: undefined; error: string };

// No answer is read that far; the guard wants a limit all the same.
const unlimitedBytes = 2 ** 40;

/** Sends a body to an address that a user chose, through the guard; no redirect is followed. */
export async function post(
  url: string,
  options: {
    headers: Record<string, string>;
    body: string | Uint8Array;
    timeoutMs: number;
    maxReplyBytes: number;
  },
): Promise<PostOutcome> {
  const { body, headers, maxReplyBytes, timeoutMs } = options;
  try {
    const answer = await egress().fetch(url, {
      method: 'POST',
      headers,
      body,
      maxBytes: unlimitedBytes,
      totalTimeoutMs: timeoutMs,
      idleTimeoutMs: timeoutMs,
      maxRedirects: 0,
      acceptOnly200: false,
      isRaw: true,
    });
    const retryAfter = answer.headers['retry-after'];
    return {
      status: answer.status,
      retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
      reply: await readStart(answer.body, maxReplyBytes),
    };
  } catch (error) {
    if (error instanceof EgressError) return { error: error.reason };
    throw error;
  }
}

/**
 * Sends a file to an address that a user chose, through the guard and straight from its stream; no
 * redirect is followed. Gives the status, or one word on why there was none.
 */
export async function put(
  url: string,
  { signal, size, stream, ...options }: PutOptions,
): Promise<{ status: number; error?: undefined } | { status?: undefined; error: string }> {
  try {
    const answer = await egress().fetch(url, {
      method: 'PUT',
      headers: { 'content-type': options.mime },
      body: { stream, bytes: size },
      signal,
      maxBytes: unlimitedBytes,
      totalTimeoutMs: options.timeoutMs,
      idleTimeoutMs: putIdleMilliseconds,
      maxRedirects: 0,
      acceptOnly200: false,
      isRaw: true,
    });
    answer.body.destroy();
    return { status: answer.status };
  } catch (error) {
    if (error instanceof EgressError) return { error: error.reason };
    throw error;
  } finally {
    stream.destroy();
  }
}

const putIdleMilliseconds = 60_000;

type PutOptions = {
  stream: Readable;
  size: number;
  mime: string;
  timeoutMs: number;
  signal: AbortSignal;
};

/** The first bytes of a body, as many as came; the rest is never read. */
async function readStart(body: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= maxBytes) break;
    }
  } catch (error) {
    // The status has arrived, and it is what counts.
    if (!(error instanceof EgressError)) throw error;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

/** Throws the public form of whatever reading a download threw. */
export function rethrowEgress(error: unknown): never {
  throw toAppError(error);
}

function toAppError(error: unknown, param = 'url'): unknown {
  if (!(error instanceof EgressError)) return error;
  const extra = 'limitBytes' in error ? { limit_bytes: error.limitBytes } : undefined;
  return new AppError(error.code, error.message, { param, extra, cause: error });
}
