import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

export type KeyMode = 'live' | 'test';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const pattern = /^nb_(live|test)_([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/;

/** A new secret key: `nb_live_`, 32 random characters, and a checksum of 6. */
export function generateKey(mode: KeyMode): string {
  const random = Array.from({ length: 32 }, () => digits[randomInt(62)]).join('');
  const body = `nb_${mode}_${random}`;
  return body + checksum(body);
}

/** Whether a text can be a key at all: a typo is refused without a look into the database. */
export function isKeyWellFormed(key: string): boolean {
  const match = pattern.exec(key);
  return match !== null && checksum(key.slice(0, -6)) === match[3];
}

/** What is stored of a key. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

function checksum(body: string): string {
  let rest = crc32(body);
  let text = '';
  for (let at = 0; at < 6; at++) {
    text = (digits[rest % 62] ?? '') + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}
