import type { IncomingMessage } from 'node:http';
import { AppError } from '@nebula/contract/errors';
import { parseInput } from '@nebula/contract/explain';
import { type RunRequest, runRequest } from '@nebula/contract/run';
import type { FileBytes } from '../jobs/job-inputs.ts';

/** The head carries inline HTML, hence its size: 8 MiB. */
const maxHeadBytes = 8 * 1024 * 1024;

/**
 * Reads the body of a run: a 4-byte big-endian length, the head as JSON, then file bytes. Nothing is
 * read ahead of what is asked for, beyond one chunk of the socket.
 */
export function createFrameReader(request: IncomingMessage): FileBytes & {
  /** @throws AppError `invalid_input`, with status 400 when the frame is malformed */
  readHead: () => Promise<RunRequest>;
} {
  // Destroying the request would destroy the socket, and with it the answer that says what is wrong.
  const chunks = request.iterator({ destroyOnReturn: false });
  let rest: Buffer = Buffer.alloc(0);

  async function nextChunk(): Promise<Buffer | undefined> {
    if (rest.length > 0) {
      const chunk = rest;
      rest = Buffer.alloc(0);
      return chunk;
    }
    try {
      const { value, done } = await chunks.next();
      return done ? undefined : value;
    } catch (error) {
      throw new AppError('client_closed', 'The body broke off.', { cause: error });
    }
  }

  async function* take(size: number): AsyncGenerator<Buffer> {
    let missing = size;
    while (missing > 0) {
      const chunk = await nextChunk();
      if (!chunk) throw malformed(`The body ends ${missing} bytes early.`);
      rest = chunk.subarray(missing);
      missing -= chunk.length - rest.length;
      yield rest.length > 0 ? chunk.subarray(0, chunk.length - rest.length) : chunk;
    }
  }

  async function read(size: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of take(size)) parts.push(part);
    return Buffer.concat(parts);
  }

  async function readHead(): Promise<RunRequest> {
    const size = (await read(4)).readUInt32BE();
    if (size > maxHeadBytes)
      throw malformed(`Expected a head of at most ${maxHeadBytes} bytes, received ${size}.`);
    return parseInput(runRequest, parseJson(await read(size)));
  }

  async function expectEnd(): Promise<void> {
    for (let chunk = await nextChunk(); chunk; chunk = await nextChunk())
      if (chunk.length > 0) throw malformed('The body is longer than its head says.');
  }

  return { readHead, take, expectEnd };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw malformed('The head is not JSON in UTF-8.', error);
  }
}

function malformed(message: string, cause?: unknown): AppError {
  return new AppError('invalid_input', message, { status: 400, cause });
}
