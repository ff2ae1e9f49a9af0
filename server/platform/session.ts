import { decode, type JWT } from 'next-auth/jwt';
import { env } from '../env.ts';
import type { TokenSubject } from './tokens.ts';

/** Name of the session cookie; with https it is bound to the host by its prefix. */
export function sessionCookieName(): string {
  return env().PUBLIC_URL.startsWith('https:') ? '__Host-nebula-session' : 'nebula-session';
}

/** The signed-in person behind a request's cookie, or undefined. */
export async function readSession(headers: Headers): Promise<TokenSubject | undefined> {
  const token = cookieValue(headers.get('cookie'), sessionCookieName());
  if (!token) return undefined;
  try {
    return subjectOf(await decode({ token, secret: env().AUTH_SECRET }));
  } catch {
    return undefined;
  }
}

/** Whom the decoded cookie speaks for; whether the session goes on is not said. */
export function subjectOf(payload: JWT | null): TokenSubject | undefined {
  const sessionId = payload?.sid;
  return payload?.sub && typeof sessionId === 'string'
    ? { accountId: payload.sub, sessionId }
    : undefined;
}

/** What a `Cookie` header has for a name. */
export function cookieValue(header: string | null, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [key, ...value] = part.trim().split('=');
    if (key === name) return value.join('=');
  }
  return undefined;
}
