import type { IncomingMessage, ServerResponse } from 'node:http';
import { env } from './env.ts';
import { lingerOverBody } from './rest/linger.ts';

/** As much as a JSON body of the public API: somebody pastes a document to run a pipeline on. */
const maxBodyBytes = 10 * 1024 * 1024;
/** Measures what it reads by itself: who sends there may not know the length before. */
const webhookPath = '/api/payments/cashfree';

/**
 * Refuses what pages and the dashboard's own mounts have no use for, before anybody reads it: there
 * is no server function to post to, and a body is never larger than it says.
 *
 * @returns whether the request was answered
 */
export function refuseForPages(request: IncomingMessage, response: ServerResponse): boolean {
  const status = refusalOf(request);
  if (!status) return false;
  response.statusCode = status;
  if (status === 405) response.setHeader('Allow', 'GET, HEAD');
  lingerOverBody(request, response);
  response.end();
  return true;
}

function refusalOf({ headers, method = 'GET', url = '/' }: IncomingMessage): number | undefined {
  const path = url.split('?')[0] ?? '';
  const isPage = !path.startsWith('/api/');
  const isRead = method === 'GET' || method === 'HEAD';
  // While developing, the overlay of Next posts to paths of its own.
  if (isPage && !isRead && env().NODE_ENV !== 'development') return 405;
  if (path === webhookPath) return undefined;
  if (headers['transfer-encoding'] !== undefined) return 411;
  return Number(headers['content-length'] ?? 0) > maxBodyBytes ? 413 : undefined;
}
