import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { despiteConflicts, isConditionFailure } from '../../platform/dynamo.ts';
import type { QuotaState, Reservation } from './quota.ts';

/** A key with a limit of its own on the units of a month (UTC). */
export type KeyCap = { accountId: string; keyId: string; limit: number };

/** Where a capped key stands in its month. */
export async function readCap(cap: KeyCap): Promise<QuotaState> {
  const { data } = await database().keyUsage.get(currentRow(cap)).go();
  return toState(cap, data?.used ?? 0);
}

/** Takes units from a key's own cap, exactly; undefined where too few are left. */
export async function reserveCap(cap: KeyCap, units: number): Promise<Reservation | undefined> {
  // A row that is not there yet has nothing that the condition could compare.
  if (units > cap.limit) return undefined;
  const row = currentRow(cap);
  try {
    const { data } = await despiteConflicts(() =>
      database()
        .keyUsage.upsert(row)
        .add({ used: units })
        .where(
          ({ used }, { lte, notExists }) => `${notExists(used)} OR ${lte(used, cap.limit - units)}`,
        )
        .go({ response: 'all_new' }),
    );
    const taken = toState(cap, data.used);
    let released: Promise<number> | undefined;
    const release = () => {
      released ??= giveBack(cap, row, units);
      return released;
    };
    return { ...taken, release };
  } catch (error) {
    if (isConditionFailure(error)) return undefined;
    throw error;
  }
}

async function giveBack(cap: KeyCap, row: ReturnType<typeof currentRow>, units: number) {
  const { data } = await despiteConflicts(() =>
    database().keyUsage.patch(row).subtract({ used: units }).go({ response: 'all_new' }),
  );
  return toState(cap, data.used).remaining;
}

function currentRow({ accountId, keyId }: KeyCap) {
  return { accountId, keyId, month: currentMonth() };
}

/** `2026-11`, in UTC. */
export const currentMonth = () => new Date(clock.now()).toISOString().slice(0, 7);

function toState({ keyId, limit }: KeyCap, used = 0): QuotaState {
  const now = new Date(clock.now());
  const resetsAt = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
  return { limit, remaining: Math.max(0, limit - used), resetsAt, keyId };
}
