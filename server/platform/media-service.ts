import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { AppError, type WireError } from '@nebula/contract/errors';
import { type FileFacts, fileFactsSchema } from '@nebula/contract/file-facts';
import type { OutputFile, Progress, RunEvent, RunRequest, RunResult } from '@nebula/contract/run';
import type { InputFile } from '@nebula/contract/tool';
import { Agent, type Dispatcher, request } from 'undici';
import { z } from 'zod';
import { env } from '../env.ts';
import { watchPulse } from './media-pulse.ts';

/** The time that the media-service gets to answer after its own deadline, in milliseconds. */
const graceMilliseconds = 5_000;

const agent = new Agent({ connections: 256, headersTimeout: 0, bodyTimeout: 0 });

/** One output of a run, and its bytes. */
export type RunFile = OutputFile & { open: () => Readable };

export type RunTool = {
  tool: string;
  requestId: string;
  accountId: string;
  options: Record<string, unknown>;
  /** What is made for a test key carries a mark. */
  mode: 'live' | 'test';
  /** Only looks at the input. */
  isEstimate?: boolean;
  files: InputFile[];
  timeoutMs: number;
  /** The request's folder in the spool; outputs that come by path land there. */
  folder: string;
  signal: AbortSignal;
  onProgress?: (progress: Progress) => void;
};

/**
 * Runs a tool in the media-service. Errors of the service arrive as the AppError that it threw.
 * Abort the signal to stop the work; it dies with the connection.
 */
export async function runTool(
  call: RunTool,
): Promise<Omit<RunResult, 'files'> & { files: RunFile[] }> {
  return send(`/run/${call.tool}`, call, (body) => readAnswer(body, call));
}

/** Looks into one file without running a tool on it. */
export function inspectInput(
  call: Omit<RunTool, 'tool' | 'options' | 'mode' | 'isEstimate' | 'onProgress'>,
): Promise<FileFacts> {
  return send('/inspect', { ...call, options: {}, mode: 'live' }, async (body) =>
    fileFactsSchema.parse(await body.json()),
  );
}

type Call = Omit<RunTool, 'tool'>;

/** How many calls of this process each media-service has in hand. */
const inHand = new Map<string, number>();

/** Every media-service, the least busy first; of equals one at random. */
function byLoad(): string[] {
  const order = new Map(
    env().MEDIA_URL.map((url) => [url, (inHand.get(url) ?? 0) + Math.random()]),
  );
  return [...order.keys()].sort((one, other) => (order.get(one) ?? 0) - (order.get(other) ?? 0));
}

/** Asks one media-service after another until one takes the call. */
async function send<T>(path: string, call: Call, read: Read<T>): Promise<T> {
  let refusal: unknown;
  for (const url of byLoad()) {
    inHand.set(url, (inHand.get(url) ?? 0) + 1);
    try {
      return await sendTo(url, path, call, read);
    } catch (error) {
      if (!(error instanceof AppError) || !isRefusal(error)) throw error;
      refusal = error;
    } finally {
      inHand.set(url, (inHand.get(url) ?? 0) - 1);
    }
  }
  throw refusal;
}

/** It is down, ends, or has enough to do: nothing was begun, and another one may take the call. */
const isRefusal = ({ code }: AppError) => code === 'unavailable' || code === 'queue_full';

type Read<T> = (body: Dispatcher.ResponseData['body']) => Promise<T>;

async function sendTo<T>(url: string, path: string, call: Call, read: Read<T>): Promise<T> {
  const isShared = env().SPOOL_SHARED;
  const deadline = AbortSignal.timeout(call.timeoutMs + graceMilliseconds);
  const pulse = watchPulse(url, agent);
  const signal = AbortSignal.any([call.signal, deadline, pulse.lost]);
  try {
    const { statusCode, body } = await request(`${url}${path}`, {
      method: 'POST',
      dispatcher: agent,
      signal,
      headers: {
        authorization: `Bearer ${env().MEDIA_TOKEN}`,
        'content-type': 'application/octet-stream',
        'x-request-id': call.requestId,
      },
      body: isShared ? frameHead(call, true) : Readable.from(frame(call)),
    });
    if (statusCode !== 200) throw AppError.fromWire((await body.json()) as WireError);
    return await read(body);
  } catch (error) {
    throw translate(error, call.signal, deadline);
  } finally {
    pulse.stop();
  }
}

function frameHead(call: Call, isShared: boolean): Buffer {
  const head: RunRequest = {
    request_id: call.requestId,
    account_id: call.accountId,
    timeout_ms: call.timeoutMs,
    options: call.options,
    is_estimate: call.isEstimate ?? false,
    is_test: call.mode === 'test',
    files: call.files.map(({ filename, type, size, path }) => ({
      filename,
      type,
      size,
      ...(isShared ? { path } : {}),
    })),
    ...(isShared ? { output_dir: call.folder } : {}),
  };
  const json = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json]);
}

async function* frame(call: Call): AsyncGenerator<Buffer> {
  yield frameHead(call, false);
  for (const file of call.files) yield* createReadStream(file.path);
}

/** Reads lines up to the result; what follows it are the bytes of the outputs, in order. */
async function readAnswer(body: Readable, call: RunTool) {
  let rest = Buffer.alloc(0);
  const chunks = body.iterator({ destroyOnReturn: false });
  for (;;) {
    const end = rest.indexOf(10);
    if (end < 0) {
      const { value, done } = await chunks.next();
      if (done) throw new Error('the media-service ended its answer without a result');
      rest = Buffer.concat([rest, value as Buffer]);
      continue;
    }
    const event = JSON.parse(rest.subarray(0, end).toString()) as RunEvent;
    rest = rest.subarray(end + 1);
    if (event.type === 'progress') call.onProgress?.(event.progress);
    if (event.type === 'error') throw AppError.fromWire(event.error);
    if (event.type === 'result') return withBytes(event.result, rest, chunks, body);
  }
}

function withBytes(
  result: RunResult,
  head: Buffer,
  chunks: AsyncIterator<unknown>,
  body: Readable,
): Omit<RunResult, 'files'> & { files: RunFile[] } {
  let rest = head;
  async function* take(size: number) {
    let left = size;
    while (left > 0) {
      if (rest.length === 0) {
        const { value, done } = await chunks.next();
        if (done) throw new AppError('engine_crashed', 'The result ended early.');
        rest = value as Buffer;
      }
      const part = rest.subarray(0, left);
      rest = rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }
  const isInBody = result.files.some((file) => file.path === undefined);
  if (!isInBody) body.resume();
  const files = result.files.map((file) => ({
    ...file,
    open: () => (file.path ? createReadStream(file.path) : Readable.from(take(file.size))),
  }));
  return { ...result, files };
}

function translate(error: unknown, caller: AbortSignal, deadline: AbortSignal): unknown {
  if (error instanceof AppError) return error;
  if (caller.aborted) return new AppError('client_closed', 'The caller closed the connection.');
  if (deadline.aborted) return new AppError('tool_timeout', 'The tool ran out of time.');
  const details = { retryAfterSeconds: 2, cause: error };
  if (!isUnconnected(error))
    return new AppError('engine_crashed', 'The conversion service stopped at work.', details);
  const message = 'The conversion service is restarting. Try again in a few seconds.';
  return new AppError('unavailable', message, details);
}

/** Nothing was sent: whatever is wrong with the service, this call has no part in it. */
function isUnconnected(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'ECONNREFUSED' || code === 'UND_ERR_CONNECT_TIMEOUT';
}

const versionMilliseconds = 30_000;
let known: { version: Promise<string | undefined>; until: number } | undefined;

/** What outputs depend on beside input and options: the engines' versions. Undefined: not known now. */
export function engineVersions(): Promise<string | undefined> {
  if (known && known.until > performance.now()) return known.version;
  const version = readVersions().catch(() => undefined);
  known = { version, until: performance.now() + versionMilliseconds };
  version.then((text) => {
    if (text === undefined) known = undefined;
  });
  return version;
}

async function readVersions(): Promise<string> {
  const signal = AbortSignal.timeout(2_000);
  const { body } = await askAny((url) =>
    request(`${url}/health/engines`, { dispatcher: agent, signal }),
  );
  const { engines } = (await body.json()) as { engines: Record<string, { version: string }> };
  const versions = Object.entries(engines).map(([name, { version }]) => `${name} ${version}`);
  return versions.sort().join(', ');
}

/** What the first media-service says that answers well. */
function askAny<T>(ask: (url: string) => Promise<T>): Promise<T> {
  return Promise.any(env().MEDIA_URL.map(ask)).catch(({ errors }: AggregateError) => {
    throw errors[0];
  });
}

/** Whether a media-service takes jobs, whatever the state of its engines. */
export function reachMediaService(signal: AbortSignal): Promise<void> {
  return askAny(async (url) => {
    const failed = await readFailures(url, signal);
    const closed = failed.find(({ part }) => part === 'service' || part === 'work_dir');
    if (closed) throw new Error(`${closed.part} is ${closed.reason}`);
  });
}

/** Whether a media-service takes jobs of every tool. */
export function checkMediaService(signal: AbortSignal): Promise<void> {
  return askAny(async (url) => {
    const [first] = await readFailures(url, signal);
    if (first) throw new Error(`${first.part} is ${first.reason}`);
  });
}

const readinessSchema = z.object({
  failed: z.array(z.object({ part: z.string(), reason: z.string() })),
});

async function readFailures(url: string, signal: AbortSignal) {
  const { body } = await request(`${url}/ready`, { dispatcher: agent, signal });
  return readinessSchema.parse(await body.json()).failed;
}
