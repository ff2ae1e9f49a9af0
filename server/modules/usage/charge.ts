import type { database } from '../../database.ts';
import type { Account } from '../account/service.ts';
import { currentMonth, type KeyCap, readCap } from './key-cap.ts';
import { assertQuotaLeft, currentCycle } from './quota.ts';

/** Units that were taken for work that ends later, and where they go back to. */
export type Charge = {
  accountId: string;
  units: number;
  cycle: string;
  keyId?: string;
  month?: string;
};

type Write = ReturnType<typeof database>['transaction']['write'];
type Entities = Pick<Parameters<Parameters<Write>[0]>[0], 'keyUsage' | 'quota'>;

/** A charge of now, to be written by {@link takeCharge}. */
export function planCharge(account: Account, units: number, cap?: KeyCap): Charge {
  const { cycle } = currentCycle(account);
  const own = cap ? { keyId: cap.keyId, month: currentMonth() } : {};
  return { accountId: account.id, units, cycle, ...own };
}

type Limits = { quota: number; cap?: number };

/**
 * Whether a limit is too small for a charge, whatever was used before: a row that is not there yet
 * has nothing that the condition of {@link takeCharge} could compare.
 */
export const isBeyond = ({ units }: Charge, { cap = Number.POSITIVE_INFINITY, quota }: Limits) =>
  units > Math.min(quota, cap);

/**
 * The items that take a charge, exactly, in the transaction that begins the work: there is never
 * the one without the other.
 */
export function takeCharge({ keyUsage, quota }: Entities, charge: Charge, limits: Limits) {
  const { accountId, cycle, keyId, month, units } = charge;
  const shared = quota
    .upsert({ accountId, cycle })
    .add({ used: units })
    .where(
      ({ used }, { lte, notExists }) => `${notExists(used)} OR ${lte(used, limits.quota - units)}`,
    )
    .commit();
  if (!keyId || !month || limits.cap === undefined) return [shared];
  const most = limits.cap - units;
  const own = keyUsage
    .upsert({ accountId, keyId, month })
    .add({ used: units })
    .where(({ used }, { lte, notExists }) => `${notExists(used)} OR ${lte(used, most)}`)
    .commit();
  return [shared, own];
}

/** The items that give a charge back, in the transaction that ends the work without a success. */
export function returnCharge({ keyUsage, quota }: Entities, charge: Charge) {
  const { accountId, cycle, keyId, month, units } = charge;
  const shared = quota.patch({ accountId, cycle }).subtract({ used: units }).commit();
  if (!keyId || !month) return [shared];
  return [shared, keyUsage.patch({ accountId, keyId, month }).subtract({ used: units }).commit()];
}

/** Says why a charge could not be taken: the account or the key has too little left. */
export async function throwRefusedCharge(account: Account, units: number, cap?: KeyCap) {
  if (cap) assertQuotaLeft(await readCap(cap), units);
  const { limit, resetsAt } = currentCycle(account);
  assertQuotaLeft({ limit, remaining: 0, resetsAt }, units);
}
