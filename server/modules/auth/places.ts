import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';

const keptSeconds = 90 * 24 * 60 * 60;

/** Notes that the owner of an account was at an address: with the password, or with a mail's link. */
export async function rememberPlace(accountId: string, address: string): Promise<void> {
  const expiresAt = Math.floor(clock.now() / 1000) + keptSeconds;
  await database().ownerPlace.put({ accountId, address, expiresAt }).go();
}

/** Whether the owner was at an address in the last 90 days; signing out forgets nothing. */
export async function isKnownPlace(accountId: string, address: string): Promise<boolean> {
  const { data } = await database().ownerPlace.get({ accountId, address }).go();
  return data !== null && data.expiresAt * 1000 > clock.now();
}

/** Forgets where the owner of an account was. */
export async function forgetPlaces(accountId: string): Promise<void> {
  const { data } = await database().ownerPlace.query.byAccount({ accountId }).go({ pages: 'all' });
  await database().ownerPlace.delete(data).go();
}
