import { createHash } from 'node:crypto';
import { clock } from '../../platform/clock.ts';
import { writeTogether } from '../../write-together.ts';
import { isThere } from '../account/service.ts';
import { type AuditSource, systemSource } from '../audit/service.ts';
import { findEndpoint, noSuchEndpoint, rotateSecret } from './endpoints.ts';
import type { EndpointRow } from './schema.ts';
import { generateSecret, sealSecret } from './sign.ts';

/**
 * The lane in which an account's jobs tell the addresses that they name. It is an endpoint without
 * an address, which no list shows; there is one for each account, and its secret signs them all. None
 * for an account that was deleted: its jobs may end later than it.
 */
export async function laneOfJobs(accountId: string): Promise<EndpointRow | undefined> {
  const id = laneIdOf(accountId);
  const found = await findEndpoint({ accountId, id });
  if (found) return found;
  const now = clock.now();
  const row: EndpointRow = {
    id,
    accountId,
    url: '',
    events: [],
    isEnabled: true,
    isOfJobs: true,
    secret: sealSecret(generateSecret()),
    createdAt: now,
    revision: 0,
    dueAt: now,
    pokes: 0,
    pokedAt: now,
  };
  const isWritten = await writeTogether(({ account, webhookEndpoint }) => [
    isThere(account, accountId),
    webhookEndpoint.create(row).commit(),
  ]);
  // Another job may have been faster.
  return isWritten ? row : findEndpoint({ accountId, id });
}

/** Gives the addresses of jobs a new secret; for a day the one before signs beside it. */
export async function rotateJobSecret(accountId: string, source: AuditSource = systemSource) {
  const lane = await laneOfJobs(accountId);
  if (!lane) throw noSuchEndpoint();
  return rotateSecret({ accountId, id: lane.id }, source);
}

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Made from the account, so that those who begin at once begin the same one. */
function laneIdOf(accountId: string): string {
  const hash = createHash('sha256').update(`lane of jobs ${accountId}`).digest();
  return `we_0${[...hash.subarray(0, 25)].map((byte) => digits[byte % 32]).join('')}`;
}
