import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { handleRest } from './handle.ts';
import { lingerOverBody } from './linger.ts';
import type { RestResponse } from './request.ts';

const prefix = '/api/v1';

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

/** Sends an answer as far as its caller takes it; after that nothing of its body is open any more. */
export async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body, onSent }: RestResponse,
): Promise<void> {
  const stream = body === null || typeof body === 'string' ? undefined : body;
  try {
    if (response.destroyed) return;
    response.statusCode = status;
    for (const [name, value] of headers) response.setHeader(name, value);
    lingerOverBody(request, response);
    if (typeof body === 'string') response.setHeader('content-length', Buffer.byteLength(body));
    if (request.method === 'HEAD') response.end();
    else if (stream) await pipeline(stream, response);
    else response.end(body);
  } catch {
    response.destroy();
  } finally {
    // What it reads may be removed already: a file that cannot be opened any more is no error.
    stream?.on('error', () => {}).destroy();
    onSent();
  }
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
