import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';

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

const firstDevice = 'first';

/** Whether the owner has signed in on a device in the last 90 days. */
export async function isKnownDevice(accountId: string, device: string): Promise<boolean> {
  const { data } = await database().ownerDevice.get({ accountId, device }).go({ consistent: true });
  return data?.expiresAt !== undefined && data.expiresAt * 1000 > clock.now();
}

/** Notes that the owner has signed in on a device. */
export async function rememberDevice(accountId: string, device: string): Promise<void> {
  const expiresAt = Math.floor(clock.now() / 1000) + keptSeconds;
  await database().ownerDevice.put({ accountId, device, expiresAt }).go();
}

/** Whether an account has never been signed in to; true once. */
export async function isFirstSignIn(accountId: string): Promise<boolean> {
  try {
    await database().ownerDevice.create({ accountId, device: firstDevice }).go();
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
}

/** Forgets where the owner of an account was, and on which devices. */
export async function forgetPlaces(accountId: string): Promise<void> {
  const { ownerDevice, ownerPlace } = database();
  const [places, devices] = await Promise.all([
    ownerPlace.query.byAccount({ accountId }).go({ pages: 'all' }),
    ownerDevice.query.byAccount({ accountId }).go({ pages: 'all' }),
  ]);
  await ownerPlace.delete(places.data).go();
  await ownerDevice.delete(devices.data).go();
}
