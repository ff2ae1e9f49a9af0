import { AppError } from '@nebula/contract/errors';
import { coversScope } from '@nebula/contract/scopes';
import { isRangeWithin } from './addresses.ts';
import type { KeyMode } from './key-format.ts';
import type { KeySettings } from './schema.ts';

/** What decides how far a key reaches. */
export type Reach = { mode: KeyMode } & Pick<
  KeySettings,
  'allowedAddresses' | 'monthlyCap' | 'requestsPerMinute' | 'scopes' | 'validUntil'
>;

/**
 * Refuses a key that would make or take over one that reaches further than itself. Its secret is
 * what is gained by a rotation, so every change asks for the same.
 *
 * @throws AppError `forbidden`, which names what the calling key lacks
 */
export function assertWithinReach(caller: Reach, target: Reach): void {
  const lacking = target.scopes.filter((scope) => !coversScope(caller.scopes, scope));
  if (lacking.length > 0) throw beyond(`the scope ${lacking.join(', ')}`, { scopes: lacking });
  if (caller.mode === 'test' && target.mode === 'live') throw beyond('the mode live');
  // Many keys with the cap of one would have as many times the cap.
  if (caller.monthlyCap !== undefined) throw beyond('a monthly cap of its own: none may be made');
  if (isAbove(target.validUntil, caller.validUntil)) throw beyond('a life longer than its own');
  if (isAbove(target.requestsPerMinute, caller.requestsPerMinute))
    throw beyond('a rate limit above its own');
  const { allowedAddresses: allowed } = caller;
  if (allowed && !areWithin(target.allowedAddresses, allowed))
    throw beyond('addresses outside its own');
}

const isAbove = (value = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY) =>
  value > limit;

/** No list means every address. */
function areWithin(ranges: readonly string[] | undefined, allowed: readonly string[]): boolean {
  return ranges?.every((range) => isRangeWithin(range, allowed)) ?? false;
}

function beyond(what: string, extra?: Record<string, unknown>): AppError {
  const message = `A key cannot manage keys that reach further than itself: ${what}. Sign in to the dashboard for that.`;
  return new AppError('forbidden', message, { extra });
}
