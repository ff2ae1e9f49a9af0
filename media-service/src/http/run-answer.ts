import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AppError } from '@nebula/contract/errors';
import type { Progress, RunEvent, RunResult } from '@nebula/contract/run';
import type { CheckedOutput } from '../jobs/job-outputs.ts';
import { readChunks } from '../jobs/read-chunks.ts';
import { sendError } from './answer.ts';

/** The answer to one run: a refusal, or event lines and then the bytes of the outputs. */
export type RunAnswer = {
  /** Sends the head; from here on a failure is an event. */
  start: () => void;
  progress: (progress: Progress) => void;
  /** Sends the result and the outputs; resolves when the files are read to their end. */
  deliver: (result: RunResult, outputs: CheckedOutput[]) => Promise<void>;
  /** Ends the answer; the caller sees that only when the job's folder is gone. */
  end: () => void;
  fail: (error: AppError) => void;
};

const progressIntervalMs = 250;

/** A caller that takes nothing for so long has gone. */
const stallMs = 30_000;

export function createRunAnswer(request: IncomingMessage, response: ServerResponse): RunAnswer {
  let latest: Progress | undefined;
  let timer: NodeJS.Timeout | undefined;
  let sentAt = Number.NEGATIVE_INFINITY;
  let hasResult = false;

  function writeEvent(event: RunEvent): void {
    if (!response.destroyed) response.write(`${JSON.stringify(event)}\n`);
  }

  function flushProgress(): void {
    clearTimeout(timer);
    timer = undefined;
    if (!latest) return;
    writeEvent({ type: 'progress', progress: latest });
    latest = undefined;
    sentAt = performance.now();
  }

  function progress(next: Progress): void {
    if (hasResult) return;
    latest = next;
    const waitMs = sentAt + progressIntervalMs - performance.now();
    if (waitMs <= 0) flushProgress();
    else timer ??= setTimeout(flushProgress, waitMs);
  }

  async function deliver(result: RunResult, outputs: CheckedOutput[]): Promise<void> {
    flushProgress();
    hasResult = true;
    response.setTimeout(stallMs, () => response.destroy(new Error('The caller reads nothing.')));
    writeEvent({ type: 'result', result });
    for (const { path, file } of outputs) await writeFileBytes(response, path, file.size);
  }

  function fail(error: AppError): void {
    clearTimeout(timer);
    if (!response.headersSent) sendError(request, response, error);
    else if (hasResult) response.destroy();
    else {
      flushProgress();
      hasResult = true;
      writeEvent({ type: 'error', error: error.toWire() });
      response.end();
    }
  }

  return {
    start: () => {
      response.writeHead(200, { 'Content-Type': 'application/octet-stream' });
      response.flushHeaders();
    },
    progress,
    deliver,
    end: () => response.end(),
    fail,
  };
}

async function writeFileBytes(response: ServerResponse, path: string, size: number) {
  const file = await open(path);
  try {
    for await (const chunk of readChunks(file, size))
      if (!response.write(chunk)) await drained(response);
  } finally {
    await file.close();
  }
}

/** Waits until the caller has taken what was written; rejects when it hangs up. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const onDrain = () => {
      response.off('close', onClose);
      resolve();
    };
    const onClose = () => {
      response.off('drain', onDrain);
      reject(new Error('The caller hung up.'));
    };
    if (response.destroyed) reject(new Error('The caller hung up.'));
    else response.once('drain', onDrain).once('close', onClose);
  });
}
