import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { env } from '../env.ts';
import { clock } from './clock.ts';

/** Seconds that an access token is good for; it is not looked up, so it is short. */
export const accessSeconds = 15 * 60;

/** Seconds that a session lives without being used. */
export const sessionSeconds = 7 * 24 * 60 * 60;

const issuer = 'nebula';
const audience = 'nebula-api';
const type = 'at+jwt';

/** Whom a token speaks for. */
export type TokenSubject = { accountId: string; sessionId: string };

/** A signed access token: HS256, 15 minutes. */
export function signAccessToken({ accountId, sessionId }: TokenSubject): Promise<string> {
  const now = Math.floor(clock.now() / 1000);
  return new SignJWT({ sid: sessionId })
    .setProtectedHeader({ alg: 'HS256', typ: type })
    .setSubject(accountId)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(now)
    .setExpirationTime(now + accessSeconds)
    .sign(keyFor('access'));
}

/** The subject of an access token of ours that is in time; undefined for any other. */
export async function readAccessToken(token: string): Promise<TokenSubject | undefined> {
  try {
    const { payload } = await jwtVerify(token, keyFor('access'), {
      algorithms: ['HS256'],
      typ: type,
      issuer,
      audience,
      clockTolerance: 5,
      maxTokenAge: accessSeconds,
      requiredClaims: ['sub', 'sid', 'exp'],
      currentDate: new Date(clock.now()),
    });
    const { exp, sid, sub } = payload;
    // We write whole seconds: what is anything else was not made by us.
    if (!Number.isSafeInteger(exp)) return undefined;
    return typeof sid === 'string' && sub ? { accountId: sub, sessionId: sid } : undefined;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** A refresh token names its session and its place in the chain of rotations. */
export type RefreshClaim = TokenSubject & { generation: number };

/**
 * The one refresh token of a generation. It is computed and never stored, so that whoever repeats a
 * refresh gets the same successor, and the table holds nothing that could be used.
 */
export function signRefreshToken(claim: RefreshClaim): string {
  const { accountId, generation, sessionId } = claim;
  const body = Buffer.from(`${accountId}.${sessionId}.${generation}`).toString('base64url');
  return `nbr_${body}.${refreshMac(body)}`;
}

/** The claim of a refresh token that we have made; whether it is still good is not said. */
export function readRefreshToken(token: string): RefreshClaim | undefined {
  const match = /^nbr_([\w-]{1,200})\.([\w-]{43})$/.exec(token);
  const [, body = '', mac = ''] = match ?? [];
  if (!timingSafeEqual(Buffer.from(mac.padEnd(43)), Buffer.from(refreshMac(body))))
    return undefined;
  const [accountId, sessionId, generation] = Buffer.from(body, 'base64url').toString().split('.');
  if (!accountId || !sessionId || !Number.isInteger(Number(generation))) return undefined;
  return { accountId, sessionId, generation: Number(generation) };
}

const refreshMac = (body: string) =>
  createHmac('sha256', keyFor('refresh')).update(body).digest('base64url');

/** A key for each purpose, so that no token is good for another one. */
function keyFor(purpose: 'access' | 'refresh'): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', env().AUTH_SECRET, 'nebula', `token:${purpose}`, 32));
}
