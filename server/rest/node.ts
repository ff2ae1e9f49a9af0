import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { handleRest } from './handle.ts';
import type { RestResponse } from './request.ts';

const prefix = '/api/v1';

/** After a refusal, so much of an unread body is taken; the connection ends after so long. */
const lingerBytes = 256 * 1024;
const lingerMilliseconds = 1_000;

/** Whether a request belongs to the public API. */
export function isRestRequest(request: IncomingMessage): boolean {
  const path = request.url?.split('?')[0] ?? '';
  return path === prefix || path.startsWith(`${prefix}/`);
}

/**
 * Serves the public API straight from node:http: the body is not touched until the procedure asks
 * for it, and streams keep their backpressure in both directions.
 */
export async function serveRest(
  request: IncomingMessage,
  response: ServerResponse,
  { trustedProxies = 0 } = {},
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const hangUp = new AbortController();
  request.once('error', () => hangUp.abort());
  response.once('close', () => {
    if (!response.writableFinished) hangUp.abort();
  });
  const answer = await handleRest({
    method: request.method ?? 'GET',
    path: url.pathname.slice(prefix.length) || '/',
    query: url.searchParams,
    headers: toHeaders(request),
    address: callerAddress(request, trustedProxies),
    signal: hangUp.signal,
    openBody: () => {
      if (request.headers.expect) response.writeContinue();
      return request;
    },
  });
  await sendAnswer(request, response, answer);
}

async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body, onSent }: RestResponse,
): Promise<void> {
  try {
    if (response.destroyed) return;
    response.statusCode = status;
    for (const [name, value] of headers) response.setHeader(name, value);
    if (hasUnreadBody(request)) endAfterLinger(request, response);
    if (body === null || typeof body === 'string' || request.method === 'HEAD') {
      if (typeof body === 'string') response.setHeader('content-length', Buffer.byteLength(body));
      response.end(request.method === 'HEAD' ? undefined : body);
      if (body && typeof body !== 'string') body.destroy();
      return;
    }
    await pipeline(body as Readable, response);
  } catch {
    response.destroy();
  } finally {
    onSent();
  }
}

function hasUnreadBody(request: IncomingMessage): boolean {
  const declared = Number(request.headers['content-length'] ?? 0) > 0;
  return !request.readableEnded && (declared || 'transfer-encoding' in request.headers);
}

/**
 * The caller may still be sending. Closing at once would reset the connection, and it would never
 * see the answer; reading on would read the whole body. So a little is read, and the caller is left
 * waiting on a full connection, with the answer in its hands, before the end comes.
 */
function endAfterLinger(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('connection', 'close');
  const socket: Socket = request.socket;
  const limit = socket.bytesRead + lingerBytes;
  // Before the end: Node itself would read an untouched body to its last byte.
  request.on('data', () => {
    if (socket.bytesRead > limit) request.pause();
  });
  request.resume();
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), lingerMilliseconds);
    socket.once('close', () => clearTimeout(timer));
  };
}

function toHeaders(request: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headersDistinct)) {
    for (const each of value ?? []) headers.append(name, each);
  }
  return headers;
}

/** The last address that a trusted proxy has seen; everything before it could be invented. */
export function callerAddress(request: IncomingMessage, trustedProxies: number): string {
  const seen = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  const direct = request.socket.remoteAddress ?? 'unknown';
  return trustedProxies > 0 ? (seen.at(-trustedProxies) ?? direct) : direct;
}
