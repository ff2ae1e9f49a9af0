import { clock } from '../../platform/clock.ts';
import { createMeter } from './meter.ts';
import type { QuotaState, Reservation } from './quota.ts';

/** A key with a limit of its own on the units of a month (UTC). */
export type KeyCap = { accountId: string; keyId: string; limit: number };

const meter = createMeter<{ accountId: string; keyId: string; month: string }>('keyUsage');

/** Where a capped key stands in its month. */
export async function readCap(cap: KeyCap): Promise<QuotaState> {
  return toState(cap, await meter.read(currentRow(cap)));
}

/** Takes units from a key's own cap, exactly; undefined where too few are left. */
export async function reserveCap(cap: KeyCap, units: number): Promise<Reservation | undefined> {
  const taken = await meter.take(currentRow(cap), units, cap.limit);
  if (!taken) return undefined;
  const release = async () => toState(cap, await taken.release()).remaining;
  return { ...toState(cap, taken.used), release, settle: taken.settle };
}

/** Writes which charges stand; called on shutdown. */
export const flushCaps = meter.flush;

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
