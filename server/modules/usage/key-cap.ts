import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { despiteConflicts, isConditionFailure } from '../../platform/dynamo.ts';
import { countOf, type OpenUnits, openUnits, overdue } from './open-units.ts';
import type { QuotaState, Reservation } from './quota.ts';

/** A key with a limit of its own on the units of a month (UTC). */
export type KeyCap = { accountId: string; keyId: string; limit: number };

/** Where a capped key stands in its month. */
export async function readCap(cap: KeyCap): Promise<QuotaState> {
  const row = currentRow(cap);
  const { data } = await database().keyUsage.get(row).go();
  let used = data?.used ?? 0;
  for (const held of overdue(data?.open)) used = await giveBack(row, held);
  return toState(cap, used);
}

/** Takes units from a key's own cap, exactly; undefined where too few are left. */
export async function reserveCap(cap: KeyCap, units: number): Promise<Reservation | undefined> {
  // A row that is not there yet has nothing that the condition could compare.
  if (units > cap.limit) return undefined;
  const row = currentRow(cap);
  const held = openUnits(units);
  try {
    const { data } = await despiteConflicts(() =>
      database()
        .keyUsage.upsert(row)
        .add({ used: units, open: [held] })
        .where(
          ({ used }, { lte, notExists }) => `${notExists(used)} OR ${lte(used, cap.limit - units)}`,
        )
        .go({ response: 'all_new' }),
    );
    const taken = toState(cap, data.used);
    let released: Promise<number> | undefined;
    const release = () => {
      released ??= giveBack(row, held).then((used) => toState(cap, used).remaining);
      return released;
    };
    return { ...taken, release, settle: () => settle(row, held) };
  } catch (error) {
    if (isConditionFailure(error)) return undefined;
    throw error;
  }
}

type Row = ReturnType<typeof currentRow>;

/** As in quota.ts: once, by whomever. */
async function giveBack(row: Row, held: OpenUnits): Promise<number> {
  try {
    const { data } = await despiteConflicts(() =>
      database()
        .keyUsage.patch(row)
        .subtract({ used: countOf(held) })
        .delete({ open: [held] })
        .where(({ open }, { escape: quote, name }) => `contains(${name(open)}, ${quote(held)})`)
        .go({ response: 'all_new' }),
    );
    return data.used ?? 0;
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
    const { data } = await database().keyUsage.get(row).go({ consistent: true });
    return data?.used ?? 0;
  }
}

const settle = (row: Row, held: OpenUnits) =>
  despiteConflicts(() =>
    database()
      .keyUsage.patch(row)
      .delete({ open: [held] })
      .go(),
  );

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
