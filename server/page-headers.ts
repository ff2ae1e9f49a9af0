import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { env } from './env.ts';
import { newId } from './platform/ids.ts';
import { realtimeOrigin } from './platform/pusher.ts';
import { transportSecurity } from './transport-security.ts';

/** Request headers of our own making, read by the pages; what a caller wrote there is replaced. */
export const nonceHeader = 'x-nebula-nonce';
export const pathHeader = 'x-nebula-path';
export const requestIdHeader = 'x-request-id';

/** The one page that runs a script of another host: Cashfree's, which takes the customer to its own. */
const checkoutPath = '/dashboard/billing/checkout';
const cashfreeScripts = 'https://sdk.cashfree.com';
const cashfreePages = 'https://api.cashfree.com https://sandbox.cashfree.com';

/**
 * Sets what every page and asset carries. Scripts run only with the nonce of their answer, which
 * Next finds in the policy on the request; the browser talks to this host, to the store for files
 * and to the realtime service, and to nobody else but Cashfree while somebody pays.
 *
 * @returns the id of the request
 */
export function setPageHeaders(request: IncomingMessage, response: ServerResponse): string {
  const nonce = randomBytes(16).toString('base64');
  const isCheckout = request.url?.split('?')[0] === checkoutPath;
  const policy = policyWith(nonce, isCheckout);
  request.headers['content-security-policy'] = policy;
  request.headers[nonceHeader] = nonce;
  const requestId = newId('req');
  request.headers[requestIdHeader] = requestId;
  response.setHeader('X-Request-Id', requestId);
  request.headers[pathHeader] = request.url ?? '/';
  response.setHeader('Content-Security-Policy', policy);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Referrer-Policy', 'strict-origin-when-cross-origin');
  response.setHeader('Permissions-Policy', 'camera=(), geolocation=(), microphone=()');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  if (env().PUBLIC_URL.startsWith('https:')) response.setHeader(...transportSecurity);
  return requestId;
}

function policyWith(nonce: string, isCheckout: boolean): string {
  const isDevelopment = env().NODE_ENV === 'development';
  const { S3_BUCKET, S3_ENDPOINT, S3_REGION } = env();
  const store = S3_ENDPOINT
    ? new URL(S3_ENDPOINT).origin
    : `https://${S3_BUCKET}.s3.${S3_REGION}.amazonaws.com`;
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'${isDevelopment ? " 'unsafe-eval'" : ''}${isCheckout ? ` ${cashfreeScripts}` : ''}`,
    "style-src 'self' 'unsafe-inline'",
    `img-src 'self' blob: data: ${store}`,
    `media-src blob: ${store}`,
    `frame-src blob: ${store}${isCheckout ? ` ${cashfreeScripts} ${cashfreePages}` : ''}`,
    [
      'connect-src',
      "'self'",
      store,
      realtimeOrigin() ?? '',
      isCheckout ? `${cashfreeScripts} ${cashfreePages}` : '',
      isDevelopment ? 'ws:' : '',
    ]
      .filter(Boolean)
      .join(' '),
    "object-src 'none'",
    "base-uri 'none'",
    `form-action 'self'${isCheckout ? ` ${cashfreePages}` : ''}`,
    "frame-ancestors 'none'",
  ].join('; ');
}
