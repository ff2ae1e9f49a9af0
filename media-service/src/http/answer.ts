import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AppError } from '@nebula/contract/errors';

/** How long and how far an unread body is read on before the connection is closed. */
const lingerMs = 1000;
const lingerBytes = 8 * 1024 * 1024;

/** Sends an error as its status and its {@link WireError}; the truth stays in the log. */
export function sendError(request: IncomingMessage, response: ServerResponse, error: AppError) {
  const { retryAfterSeconds } = error.details;
  sendJson(request, response, error.status, error.toWire(), {
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
  });
}

/** Sends a whole JSON answer; where the body of the request is unread the connection ends with it. */
export function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  send(request, response, status, JSON.stringify(value), {
    'Content-Type': 'application/json; charset=utf-8',
    ...headers,
  });
}

export function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string>,
): void {
  if (response.headersSent || response.destroyed) return;
  const isUnread = !request.complete && hasBody(request);
  response.writeHead(status, {
    ...headers,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    ...(isUnread ? { Connection: 'close' } : {}),
  });
  if (!isUnread || request.headers.expect) {
    response.end(body);
    return;
  }
  response.write(body);
  linger(request, () => response.end());
}

/**
 * Drops what still comes of the body, within bounds. Closing a socket with unread bytes resets it,
 * and a reset takes the answer away from a caller that is still sending.
 */
function linger(request: IncomingMessage, done: () => void): void {
  let dropped = 0;
  let isDone = false;
  const finish = () => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    done();
  };
  const timer = setTimeout(finish, lingerMs);
  const drop = () => {
    for (let chunk = request.read(); chunk !== null; chunk = request.read())
      dropped += chunk.length;
    if (dropped > lingerBytes) finish();
  };
  request.on('readable', drop).once('end', finish).once('close', finish).once('error', finish);
  drop();
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
