import { encode } from 'next-auth/jwt';
import { Agent, fetch as fetchFrom } from 'undici';
import { loopbackAddress } from './raw.ts';
import { stack } from './stack.ts';

/** The headers by which somebody is known. */
export type Credentials = Record<string, string>;

export const nobody: Credentials = {};

export const bearer = (key: string): Credentials => ({ authorization: `Bearer ${key}` });

/** A signed-in person in the dashboard. */
export async function sessionOf(accountId: string): Promise<Credentials> {
  const { createSession } = await import('#server/modules/session/service.ts');
  const { id: sid } = await createSession(accountId, 'browser', { address: '127.0.0.1' });
  const secret = stack.env.AUTH_SECRET ?? '';
  const token = await encode({ token: { sub: accountId, sid }, secret, maxAge: 3_600 });
  return { cookie: `nebula-session=${token}`, origin: new URL(stack.url).origin };
}

export type Reply = { status: number; headers: Headers; text: string; json: Facts };
// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the test says that it is.
type Facts = any;

// Every file calls from an address of its own: anonymous callers are counted by it.
let dispatcher = new Agent({ localAddress: loopbackAddress() });

/** From now on calls come from another address. */
export function moveElsewhere(): void {
  dispatcher = new Agent({ localAddress: loopbackAddress() });
}

const loopback = `http://127.0.0.1:${new URL(stack.url).port}`;

/** Calls the public API. */
export function call(
  method: string,
  path: string,
  as: Credentials,
  body?: unknown,
  base = `${loopback}/api/v1`,
): Promise<Reply> {
  return send(method, base + path, as, body);
}

/** Calls a procedure over tRPC: queries by GET, mutations by POST. */
export function callTrpc(
  type: 'query' | 'mutation',
  procedure: string,
  as: Credentials,
  input?: unknown,
): Promise<Reply> {
  const url = `${loopback}/api/trpc/${procedure}`;
  if (type === 'mutation') return send('POST', url, as, input ?? {});
  return send('GET', `${url}?input=${encodeURIComponent(JSON.stringify(input ?? {}))}`, as);
}

async function send(method: string, url: string, as: Credentials, body?: unknown): Promise<Reply> {
  const response = await fetchFrom(url, {
    method,
    dispatcher,
    headers: { ...as, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const headers = response.headers as unknown as Headers;
  return { status: response.status, headers, text, json: isJson ? JSON.parse(text) : undefined };
}
