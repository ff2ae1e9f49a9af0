import { Readable } from 'node:stream';
import { handleRest } from './handle.ts';

/** Serves the public API to a server that speaks Request and Response, such as a route handler. */
export async function serveWeb(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const { status, headers, body, onSent } = await handleRest({
    method: request.method,
    path: url.pathname.replace(/^\/api\/v1/, '') || '/',
    query: url.searchParams,
    headers: request.headers,
    address: request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? 'unknown',
    signal: request.signal,
    openBody: () =>
      request.body ? Readable.fromWeb(request.body as never) : Readable.from([] as Buffer[]),
  });
  if (body === null || typeof body === 'string') {
    onSent();
    return new Response(body, { status, headers: [...headers] });
  }
  body.once('close', onSent);
  return new Response(Readable.toWeb(body) as ReadableStream, { status, headers: [...headers] });
}
