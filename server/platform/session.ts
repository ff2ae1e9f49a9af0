import { decode } from 'next-auth/jwt';
import { env } from '../env.ts';

/** Name of the session cookie; with https it is bound to the host by its prefix. */
export function sessionCookieName(): string {
  return env().PUBLIC_URL.startsWith('https:') ? '__Host-nebula-session' : 'nebula-session';
}

/** The signed-in person behind a request's cookie, or undefined. */
export async function readSession(
  headers: Headers,
): Promise<{ accountId: string; sessionId: string } | undefined> {
  const token = cookieValue(headers.get('cookie'), sessionCookieName());
  if (!token) return undefined;
  try {
    const payload = await decode({ token, secret: env().AUTH_SECRET });
    const sessionId = payload?.sid;
    return payload?.sub && typeof sessionId === 'string'
      ? { accountId: payload.sub, sessionId }
      : undefined;
  } catch {
    return undefined;
  }
}

function cookieValue(header: string | null, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [key, ...value] = part.trim().split('=');
    if (key === name) return value.join('=');
  }
  return undefined;
}
