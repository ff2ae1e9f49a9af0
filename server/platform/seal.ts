import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { env } from '../env.ts';

const ivBytes = 12;
const tagBytes = 16;

/** Encrypts a text, so that it is read with the server's secret and the purpose alone. */
export function seal(purpose: string, text: string): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', sealKey(purpose), iv);
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
}

/** The text inside; undefined where it was changed, or sealed with another secret or purpose. */
export function unseal(purpose: string, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < ivBytes + tagBytes) return undefined;
  const cipher = createDecipheriv('aes-256-gcm', sealKey(purpose), bytes.subarray(0, ivBytes));
  cipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
  try {
    const body = bytes.subarray(ivBytes + tagBytes);
    return Buffer.concat([cipher.update(body), cipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

/** A fingerprint that tells nothing to whoever lacks the server's secret, however short the text. */
export function fingerprint(purpose: string, text: string): string {
  return createHmac('sha256', sealKey(purpose)).update(text).digest('base64url');
}

function sealKey(purpose: string): Buffer {
  return createHmac('sha256', env().AUTH_SECRET).update(`seal:${purpose}`).digest();
}
