import type { IncomingHttpHeaders } from 'node:http';

/** Headers that concern one connection only, and so never travel on. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Copies headers without those of the connection, including the ones that Connection names. */
export function withoutHopHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const kept = Object.entries(headers).filter(
    ([name]) => !hopByHop.has(name.toLowerCase()) && !named.includes(name.toLowerCase()),
  );
  return Object.fromEntries(kept);
}
