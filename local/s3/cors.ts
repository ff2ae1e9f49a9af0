import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CorsRule } from './storage.ts';

/** Sets the CORS headers of an answer when a rule allows the caller's origin and method. */
export function applyCors(
  request: IncomingMessage,
  response: ServerResponse,
  rules: readonly CorsRule[],
): boolean {
  const { origin } = request.headers;
  if (!origin) return false;
  const method = request.headers['access-control-request-method'] ?? request.method ?? 'GET';
  const rule = rules.find(
    ({ methods, origins }) =>
      methods.includes(method) && origins.some((each) => each === '*' || each === origin),
  );
  response.setHeader(
    'vary',
    'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
  );
  if (!rule) return false;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-methods', rule.methods.join(', '));
  response.setHeader('access-control-max-age', '600');
  const asked = request.headers['access-control-request-headers'];
  if (asked && rule.headers.length > 0) response.setHeader('access-control-allow-headers', asked);
  if (rule.expose.length > 0)
    response.setHeader('access-control-expose-headers', rule.expose.join(', '));
  return true;
}
