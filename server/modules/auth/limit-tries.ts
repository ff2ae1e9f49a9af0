import { AppError } from '@nebula/contract/errors';
import { countRequest, type RateState } from '../../platform/rate-limiter.ts';
import { findAccountByEmail } from '../account/service.ts';
import { isKnownPlace } from './places.ts';

/** By account and address together, so that nobody can lock an owner out from elsewhere. */
const triesPerMinute = 8;
const triesPerAddress = 40;
/** Of one account, from wherever; its owner's own addresses are not held up by it. */
const triesPerAccount = 60;

/** Where a password is tried; `deviceId` names a device on which its account has signed in before. */
export type TriedFrom = { address: string; deviceId?: string };

/**
 * Counts a try of a password. A device of the owner has an allowance of its own, and an address of
 * the owner is held up by no other one: whoever guesses from elsewhere, however long, keeps nobody
 * out of the own account.
 *
 * @throws AppError `rate_limited`
 */
export async function limitTries(email: string, from: TriedFrom): Promise<void> {
  const refused = await findRefusal(email, from);
  if (!refused) return;
  const { resetSeconds: wait } = refused;
  throw new AppError('rate_limited', `Too many tries to sign in; wait ${wait} seconds.`, {
    retryAfterSeconds: wait,
  });
}

async function findRefusal(
  email: string,
  { address, deviceId }: TriedFrom,
): Promise<RateState | undefined> {
  if (deviceId) {
    const state = await countRequest(`sign-in-device:${email}:${deviceId}`, triesPerMinute);
    return state.allowed ? undefined : state;
  }
  const states = await Promise.all([
    countRequest(`sign-in:${email}:${address}`, triesPerMinute),
    countRequest(`sign-in:${address}`, triesPerAddress),
  ]);
  return states.find(({ allowed }) => !allowed) ?? (await limitAccount(email, address));
}

/** What was refused before is not counted: one address alone holds up nobody else. */
async function limitAccount(email: string, address: string): Promise<RateState | undefined> {
  const state = await countRequest(`sign-in-account:${email}`, triesPerAccount);
  if (state.allowed) return undefined;
  const account = await findAccountByEmail(email);
  return account && (await isKnownPlace(account.id, address)) ? undefined : state;
}
