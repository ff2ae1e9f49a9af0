import { randomBytes, timingSafeEqual } from 'node:crypto';
import { env } from '../env.ts';
import { fingerprint } from './seal.ts';
import { cookieValue } from './session.ts';

const keptSeconds = 365 * 24 * 60 * 60;

/**
 * The id of a browser on which the account of an address has signed in before; undefined for any
 * other. It opens nothing: a password that is tried there is only counted apart from other tries.
 */
export function readDevice(headers: Headers, email: string): string | undefined {
  const [id = '', mark = ''] = cookieValue(headers.get('cookie'), cookieName())?.split('.') ?? [];
  const expected = Buffer.from(markOf(id, email));
  const received = Buffer.from(mark);
  const isOurs = received.length === expected.length && timingSafeEqual(received, expected);
  return isOurs ? id : undefined;
}

/** A new id for a browser, and the `Set-Cookie` by which the account of an address knows it again. */
export function newDevice(email: string): { id: string; cookie: string } {
  const id = randomBytes(16).toString('base64url');
  const facts = `Path=/; Max-Age=${keptSeconds}; HttpOnly;${isSecure() ? ' Secure;' : ''} SameSite=Lax`;
  return { id, cookie: `${cookieName()}=${id}.${markOf(id, email)}; ${facts}` };
}

const isSecure = () => env().PUBLIC_URL.startsWith('https:');
const cookieName = () => (isSecure() ? '__Host-nebula-device' : 'nebula-device');
const markOf = (id: string, email: string) => fingerprint('device', `${id} ${email}`);
