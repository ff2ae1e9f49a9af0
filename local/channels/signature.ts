import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export type App = { appId: string; key: string; secret: string };

const maxSkewSeconds = 600;

/** Checks `auth` of a subscription: `key:HMAC(socket:channel[:channel_data])`. */
export function isSubscriptionSigned(app: App, auth: unknown, parts: readonly string[]): boolean {
  return isSame(`${app.key}:${hmac(app.secret, parts.join(':'))}`, String(auth ?? ''));
}

/** Checks a call of the HTTP API; answers why it is refused, or undefined. */
export function requestProblem(
  app: App,
  {
    body,
    method,
    path,
    query,
  }: { body: string; method: string; path: string; query: URLSearchParams },
): string | undefined {
  if (query.get('auth_key') !== app.key) return 'Unknown auth_key';
  const age = Math.abs(Date.now() / 1000 - Number(query.get('auth_timestamp')));
  if (!(age <= maxSkewSeconds)) return `Timestamp expired: ${query.get('auth_timestamp')}`;
  const bodyMd5 = createHash('md5').update(body).digest('hex');
  if (body && !isSame(bodyMd5, query.get('body_md5') ?? '')) return 'Invalid body_md5';
  const sorted = [...query]
    .filter(([name]) => name !== 'auth_signature')
    .map(([name, value]) => `${name.toLowerCase()}=${value}`)
    .sort()
    .join('&');
  const expected = hmac(app.secret, [method, path, sorted].join('\n'));
  return isSame(expected, query.get('auth_signature') ?? '') ? undefined : 'Invalid signature';
}

function hmac(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex');
}

function isSame(expected: string, actual: string): boolean {
  const a = Buffer.from(expected);
  const b = Buffer.from(actual);
  return a.length === b.length && timingSafeEqual(a, b);
}
