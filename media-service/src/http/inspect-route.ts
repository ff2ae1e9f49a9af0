import type { IncomingMessage, ServerResponse } from 'node:http';
import { inspectFile } from '../jobs/inspect-file.ts';
import { type JobRoom, toAppError } from '../jobs/run-job.ts';
import { shuttingDown } from '../jobs/running-jobs.ts';
import { sendError, sendJson } from './answer.ts';
import { createFrameReader } from './frame-reader.ts';

/** `POST /inspect`: the frame of a run with one file; the answer is what is inside it, as JSON. */
export async function handleInspect(
  room: JobRoom,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const hangUp = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) hangUp.abort();
  });
  try {
    if (room.running.isDraining()) throw shuttingDown();
    if (request.headers.expect) response.writeContinue();
    const { readHead, ...bytes } = createFrameReader(request);
    const order = { request: await readHead(), bytes, hangUp: hangUp.signal };
    sendJson(request, response, 200, await inspectFile(room, order));
  } catch (error) {
    const failure = toAppError(error);
    if (failure.status >= 500) room.logger.error({ err: failure.cause ?? failure }, 'look failed');
    sendError(request, response, failure);
  }
}
