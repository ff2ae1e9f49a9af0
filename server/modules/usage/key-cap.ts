import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { despiteConflicts, isConditionFailure } from '../../platform/dynamo.ts';
import { countOf, createSettler, type OpenUnits, openUnits, overdue } from './open-units.ts';
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
  const used = await takeUnits(row, held, cap.limit);
  if (used === undefined) return undefined;
  let released: Promise<number> | undefined;
  const release = () => {
    released ??= giveBack(row, held).then((left) => toState(cap, left).remaining);
    return released;
  };
  return { ...toState(cap, used), release, settle: () => settler.settle(row, held) };
}

type Row = ReturnType<typeof currentRow>;

/** As in quota.ts: what an answer that was lost has taken is not taken again. */
async function takeUnits(row: Row, held: OpenUnits, limit: number): Promise<number | undefined> {
  const units = countOf(held);
  try {
    const { data } = await despiteConflicts(() =>
      database()
        .keyUsage.upsert(row)
        .add({ used: units, open: [held] })
        .where(
          ({ open, used }, { escape: quote, lte, name, notExists }) =>
            `(${notExists(used)} OR ${lte(used, limit - units)}) AND NOT contains(${name(open)}, ${quote(held)})`,
        )
        .go({ response: 'all_new' }),
    );
    return data.used;
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
    const { data } = await database().keyUsage.get(row).go({ consistent: true });
    return data?.open?.includes(held) ? data.used : undefined;
  }
}

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

const settler = createSettler((row: Row, open) =>
  despiteConflicts(() => database().keyUsage.patch(row).delete({ open }).go()),
);

/** Writes which charges stand; called on shutdown. */
export const flushCaps = settler.flush;

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
