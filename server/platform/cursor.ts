import { createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '@nebula/contract/errors';
import { env } from '../env.ts';

const maxCursorLength = 512;

/**
 * Where a list goes on, signed for one list of one account: nobody can forge one, or use that of
 * somebody else.
 *
 * @example
 * signCursor(`audit-logs:${accountId}`, lastId)
 */
export function signCursor(list: string, position: string): string {
  return `${Buffer.from(position).toString('base64url')}.${sign(list, position)}`;
}

/**
 * The position inside a cursor of this very list.
 *
 * @throws AppError `invalid_input` for a cursor that was not given out for it
 */
export function readCursor(list: string, cursor: string): string {
  const [body = '', signature = '', ...rest] = cursor.slice(0, maxCursorLength).split('.');
  const position = Buffer.from(body, 'base64url').toString();
  const expected = Buffer.from(sign(list, position));
  const received = Buffer.from(signature);
  const isOurs = received.length === expected.length && timingSafeEqual(received, expected);
  if (isOurs && rest.length === 0 && signCursor(list, position) === cursor) return position;
  const message =
    'Expected a cursor from next_cursor of this very list. Leave it out to begin at the start.';
  throw new AppError('invalid_input', message, { param: 'starting_after' });
}

function sign(list: string, position: string): string {
  const hmac = createHmac('sha256', env().AUTH_SECRET);
  return hmac.update(JSON.stringify(['cursor', list, position])).digest('base64url');
}
