import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@nebula/contract/errors';
import { type ToolId, tools } from '@nebula/contract/tools';
import { type JobRoom, runJob, toAppError } from '../jobs/run-job.ts';
import { shuttingDown } from '../jobs/running-jobs.ts';
import { createFrameReader } from './frame-reader.ts';
import { createRunAnswer } from './run-answer.ts';

/** `POST /run/{tool}`; the caller has been authorized, and nothing of the body has been read. */
export async function handleRun(
  room: JobRoom,
  tool: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = createRunAnswer(request, response);
  const hangUp = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) hangUp.abort();
  });
  try {
    if (!isTool(tool)) throw new AppError('not_found', `There is no tool ${tool}.`);
    if (room.running.isDraining()) throw shuttingDown();
    if (request.headers.expect) response.writeContinue();
    const { readHead, ...bytes } = createFrameReader(request);
    await runJob(room, {
      tool,
      request: await readHead(),
      bytes,
      hangUp: hangUp.signal,
      onStart: answer.start,
      onProgress: answer.progress,
      deliver: answer.deliver,
    });
    answer.end();
  } catch (error) {
    answer.fail(toAppError(error));
  }
}

function isTool(tool: string): tool is ToolId {
  return Object.hasOwn(tools, tool);
}
