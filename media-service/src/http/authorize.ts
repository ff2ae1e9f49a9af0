import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '@nebula/contract/errors';

/**
 * A check of the `Authorization` header that takes the same time for every wrong token.
 *
 * @throws AppError `unauthenticated`
 */
export function createAuthorize(token: string): (header: string | undefined) => void {
  const expected = digest(`Bearer ${token}`);
  return (header) => {
    // Hashes have equal lengths, so the comparison does not tell the length of the token either.
    if (timingSafeEqual(digest(header ?? ''), expected)) return;
    throw new AppError('unauthenticated', 'Expected Authorization: Bearer with the media token.');
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
