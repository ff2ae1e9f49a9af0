import { AppError } from '@nebula/contract/errors';
import { plans } from '@nebula/contract/plans';
import { database } from '../../database.ts';
import { clock, isoTime } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import type { Account } from '../account/service.ts';
import { type KeyCap, readCap, reserveCap } from './key-cap.ts';
import { createMeter } from './meter.ts';
import { noteUse } from './thresholds.ts';

const meter = createMeter<{ accountId: string; cycle: string }>('quota');
const cycleMilliseconds = 30 * 24 * 60 * 60 * 1000;

/** Where an account stands in its cycle, or a capped key in its month; times are milliseconds. */
export type QuotaState = { limit: number; remaining: number; resetsAt: number; keyId?: string };

/** A call that is counted until it is released. */
export type Reservation = QuotaState & {
  /** Gives the units back; may be said twice, and tells what is left. */
  release: () => Promise<number>;
  /** Says that the call has succeeded: the units are used. Unsaid for long, they go back. */
  settle: () => void;
};

/** Where the caller stands, without counting anything: by its account or its key, which has less. */
export async function readQuota(account: Account, cap?: KeyCap): Promise<QuotaState> {
  const [quota, own] = await Promise.all([readAccount(account), cap && readCap(cap)]);
  return own ? tighter(quota, own) : quota;
}

async function readAccount(account: Account): Promise<QuotaState> {
  const { limit, cycle, resetsAt } = currentCycle(account);
  const used = await meter.read({ accountId: account.id, cycle });
  return { limit, remaining: Math.max(0, limit - used), resetsAt };
}

/** An account with so much left is not asked about again by each of its calls. */
const plentyShare = 0.1;

/**
 * Where the caller stands before its call. What was seen a moment ago is good enough where plenty is
 * left: units are taken exactly later, when the body has been read.
 */
export async function glanceAtQuota(account: Account, cap?: KeyCap): Promise<QuotaState> {
  const { cycle, limit, resetsAt } = currentCycle(account);
  const used = cap ? undefined : meter.recall({ accountId: account.id, cycle });
  const isPlenty = used !== undefined && limit - used > limit * plentyShare;
  return isPlenty ? { limit, remaining: limit - used, resetsAt } : readQuota(account, cap);
}

/** Refuses an account with nothing left, before the body of its call is read. */
export function assertQuotaLeft(state: QuotaState, units = 1): void {
  const { keyId, limit, remaining, resetsAt } = state;
  if (remaining >= units) return;
  const extra = { limit, remaining, resets_at: isoTime(resetsAt), key_id: keyId };
  const message = keyId
    ? `The monthly cap of this API key, ${limit} units, is used; the next month begins at ${extra.resets_at}. A higher monthly_cap applies at once.`
    : `All ${limit} calls of this cycle are used; the next one begins at ${extra.resets_at}.`;
  throw new AppError('quota_exceeded', message, { extra });
}

/**
 * Takes calls from the quota, and from the cap of the key, exactly, however many processes race for
 * the last one.
 */
export async function reserveQuota(
  account: Account,
  units: number,
  cap?: KeyCap,
): Promise<Reservation> {
  if (!cap) return reserveAccount(account, units);
  const own = await reserveCap(cap, units);
  if (!own) {
    assertQuotaLeft({ ...(await readCap(cap)), remaining: 0 });
    throw new Error('A cap without units let a call pass.');
  }
  try {
    const shared = await reserveAccount(account, units);
    const release = async () => Math.min(...(await Promise.all([own.release(), shared.release()])));
    const settle = () => {
      own.settle();
      shared.settle();
    };
    return { ...tighter(shared, own), release, settle };
  } catch (error) {
    await own.release();
    throw error;
  }
}

const tighter = (one: QuotaState, other: QuotaState) =>
  other.remaining < one.remaining ? other : one;

async function reserveAccount(account: Account, units: number): Promise<Reservation> {
  const state = currentCycle(account);
  const { limit, cycle, resetsAt } = state;
  const taken = await meter.take({ accountId: account.id, cycle }, units, limit);
  if (!taken) {
    assertQuotaLeft({ limit, remaining: 0, resetsAt });
    throw new Error('A quota without units let a call pass.');
  }
  const { settle, used } = taken;
  noteUse(account, { ...state, used });
  const left = (count: number) => Math.max(0, limit - count);
  return {
    limit,
    remaining: left(used),
    resetsAt,
    release: () => taken.release().then(left),
    settle,
  };
}

/** Writes which charges stand; called on shutdown. */
export const flushQuota = meter.flush;

/**
 * Looks whether a charge that was taken in a transaction has crossed a threshold, and tells the
 * account. Nobody waits for it, and it never fails the call.
 */
export function noteCharge(account: Account): void {
  const state = currentCycle(account);
  database()
    .quota.get({ accountId: account.id, cycle: state.cycle })
    .go({ consistent: true })
    .then(({ data }) => noteUse(account, { ...state, used: data?.used ?? 0 }))
    .catch((error: unknown) =>
      logger().warn({ err: error }, 'the use of a cycle was not looked at'),
    );
}

/** The cycle that an account is in, with what it may use in it. */
export function currentCycle(account: Account) {
  const now = clock.now();
  // Billing counts in whole seconds, and writes its own anchor: the cycle stays the same one.
  const anchor = Math.floor(account.cycleAnchor / 1000) * 1000;
  const index = Math.floor((now - anchor) / cycleMilliseconds);
  const start = anchor + index * cycleMilliseconds;
  return {
    limit: plans[account.plan].callsPerCycle,
    cycle: String(start).padStart(15, '0'),
    beganAt: start,
    resetsAt: start + cycleMilliseconds,
  };
}

const dayMilliseconds = 24 * 60 * 60 * 1000;

/**
 * What a cycle will have used at its end if it goes on as it did. Of a first day too little is
 * known: it is taken as a whole one, so that one burst does not look like a month of them.
 */
export function projectUse({ beganAt, used }: { beganAt: number; used: number }): number {
  const elapsed = Math.max(dayMilliseconds, clock.now() - beganAt);
  return Math.max(used, Math.round((used * cycleMilliseconds) / elapsed));
}
