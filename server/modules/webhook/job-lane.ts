import { createHash } from 'node:crypto';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';
import { type AuditSource, systemSource } from '../audit/service.ts';
import { findEndpoint, rotateSecret } from './endpoints.ts';
import type { EndpointRow } from './schema.ts';
import { generateSecret, sealSecret } from './sign.ts';

/**
 * The lane in which an account's jobs tell the addresses that they name. It is an endpoint without
 * an address, which no list shows; there is one for each account, and its secret signs them all.
 */
export async function laneOfJobs(accountId: string): Promise<EndpointRow> {
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
  try {
    await database().webhookEndpoint.create(row).go();
    return row;
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
  }
  // Another job was faster.
  return laneOfJobs(accountId);
}

/** Gives the addresses of jobs a new secret; for a day the one before signs beside it. */
export async function rotateJobSecret(accountId: string, source: AuditSource = systemSource) {
  const { id } = await laneOfJobs(accountId);
  return rotateSecret({ accountId, id }, source);
}

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Made from the account, so that those who begin at once begin the same one. */
function laneIdOf(accountId: string): string {
  const hash = createHash('sha256').update(`lane of jobs ${accountId}`).digest();
  return `we_0${[...hash.subarray(0, 25)].map((byte) => digits[byte % 32]).join('')}`;
}
