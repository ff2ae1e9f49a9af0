import { env } from '../env.ts';
import type { RestRequest } from './request.ts';

/** What a page of another site may send beside its body. */
const allowedHeaders = [
  'accept',
  'authorization',
  'content-type',
  'idempotency-key',
  'last-event-id',
  'prefer',
  'x-api-key',
].join(', ');

const preflightSeconds = 7200;

/**
 * Lets pages of the origins in `CORS_ORIGINS` read answers, each named in full. There is no
 * wildcard, and no credentials: a call from another site brings its token in a header, and the
 * cookie of the dashboard is for the dashboard alone.
 */
export function corsHeaders({ headers }: RestRequest): [string, string][] {
  const { CORS_ORIGINS } = env();
  if (CORS_ORIGINS.length === 0) return [];
  const origin = headers.get('origin');
  const vary: [string, string] = ['vary', 'Origin'];
  if (origin === null || !CORS_ORIGINS.includes(origin)) return [vary];
  return [vary, ['access-control-allow-origin', origin], ['access-control-expose-headers', '*']];
}

/** What a browser asks before it calls; undefined for anything but that question of a known page. */
export function preflightHeaders(
  request: RestRequest,
  methods: string[],
): [string, string][] | undefined {
  const asks = request.method === 'OPTIONS' && request.headers.has('access-control-request-method');
  const own = corsHeaders(request);
  if (!asks || methods.length === 0 || own.length < 2) return undefined;
  return [
    ...own,
    ['access-control-allow-methods', methods.join(', ')],
    ['access-control-allow-headers', allowedHeaders],
    ['access-control-max-age', String(preflightSeconds)],
  ];
}
