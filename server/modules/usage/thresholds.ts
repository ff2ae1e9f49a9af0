import { userChannel } from '@nebula/contract/realtime';
import { database } from '../../database.ts';
import { clock, isoTime } from '../../platform/clock.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';
import { newId } from '../../platform/ids.ts';
import { logger } from '../../platform/logger.ts';
import { writeTogether } from '../../write-together.ts';
import type { Account } from '../account/service.ts';
import { mailRow, pageUrl } from '../mail/service.ts';
import { notifyAccount, wantsMail } from '../notification/service.ts';
import { publish } from '../realtime/service.ts';
import { emitEvent } from '../webhook/service.ts';

/** Parts of the quota, in per cent, of which an account hears. */
const thresholds = [50, 80, 100] as const;

type Threshold = (typeof thresholds)[number];

/** Where an account stands after a charge; times are milliseconds. */
export type Use = { cycle: string; beganAt: number; limit: number; resetsAt: number; used: number };

/** So long whoever has claimed an alert may take to tell it; then somebody else does. */
const leaseMilliseconds = 30_000;
const keptMilliseconds = 40 * 24 * 60 * 60 * 1000;
const maxRemembered = 50_000;

/** What this process knows to be told, or is telling: most charges need no look at the database. */
const settled = new Set<string>();
const telling = new Set<Promise<void>>();

/**
 * Tells an account that it has used 50, 80 or 100 % of its cycle, each once in a cycle however many
 * calls race across. Nobody waits for it, and it never fails the call.
 */
export function noteUse(account: Account, use: Use): void {
  for (const threshold of thresholds) {
    if (use.used * 100 < threshold * use.limit) return;
    const name = `${account.id} ${use.cycle} ${threshold}`;
    if (settled.has(name)) continue;
    if (settled.size >= maxRemembered) settled.clear();
    settled.add(name);
    const work = tell(account, use, threshold)
      .then((isSettled) => {
        if (!isSettled) settled.delete(name);
      })
      .catch((error: unknown) => {
        settled.delete(name);
        logger().warn({ err: error, account: account.id, threshold }, 'an alert was not told yet');
      })
      .finally(() => telling.delete(work));
    telling.add(work);
  }
}

/** Waits for what is being told; called on shutdown. */
export async function flushAlerts(): Promise<void> {
  await Promise.all(telling);
}

/** @returns whether nothing is left to do, by anybody */
async function tell(account: Account, use: Use, threshold: Threshold): Promise<boolean> {
  const target = { accountId: account.id, cycle: use.cycle, threshold: String(threshold) };
  const alert = (await claim(account, use, threshold)) ?? (await takeOver(target));
  if (alert === undefined) {
    const { data } = await database().usageAlert.get(target).go({ consistent: true });
    return data?.state === 'told';
  }
  const facts = {
    threshold_percent: threshold,
    used: alert.used,
    limit: alert.limit,
    cycle_began_at: isoTime(use.beganAt),
    resets_at: isoTime(use.resetsAt),
  };
  // With its id the event makes no second delivery, whoever has begun to tell it before.
  await emitEvent(account.id, 'usage.threshold_reached', facts, { eventId: alert.eventId });
  if (await markTold(target)) await tellPages(account.id, facts);
  return true;
}

/** For those who look at the dashboard now; only who has marked the alert comes here. */
async function tellPages(
  accountId: string,
  facts: { threshold_percent: number; used: number; limit: number },
): Promise<void> {
  await publish(userChannel(accountId), 'usage.threshold', facts);
  await notifyAccount(accountId, 'usage.threshold', {
    title: `${facts.threshold_percent} % of your calls are used`,
    text: `${facts.used.toLocaleString('en')} of ${facts.limit.toLocaleString('en')} in this cycle.`,
    link: '/dashboard/usage',
    group: `threshold ${facts.threshold_percent}`,
  });
}

const refusedNow =
  'Until then calls are refused with quota_exceeded. A larger plan applies at once.';
const refusedLater =
  'When all are used, calls are refused with quota_exceeded until the next cycle begins.';

type Alert = { eventId: string; used: number; limit: number };

/** The row, and the mail that is wanted, both or neither; only one caller gets them. */
async function claim(account: Account, use: Use, threshold: Threshold): Promise<Alert | undefined> {
  const { cycle, limit, resetsAt, used } = use;
  const now = clock.now();
  const alert = { eventId: newId('msg'), used, limit };
  const isMailed = await wantsMail(account.id, 'usage.threshold');
  const isFirst = await writeTogether(({ outboxMail, usageAlert }) => [
    usageAlert
      .create({
        ...alert,
        accountId: account.id,
        cycle,
        threshold: String(threshold),
        state: 'open',
        claimedAt: now,
        expiresAt: Math.floor((now + keptMilliseconds) / 1000),
      })
      .commit(),
    ...(isMailed
      ? [
          outboxMail
            .create(
              mailRow(account.email, 'usage_threshold', {
                percent: String(threshold),
                used: used.toLocaleString('en'),
                limit: limit.toLocaleString('en'),
                resets: new Date(resetsAt).toUTCString(),
                advice: threshold === 100 ? refusedNow : refusedLater,
                url: pageUrl('/dashboard/usage'),
              }),
            )
            .commit(),
        ]
      : []),
  ]);
  return isFirst ? alert : undefined;
}

type Target = { accountId: string; cycle: string; threshold: string };

/** An alert whose teller has died on the way. */
async function takeOver(target: Target): Promise<Alert | undefined> {
  const now = clock.now();
  try {
    const { data } = await database()
      .usageAlert.patch(target)
      .set({ claimedAt: now })
      .where(
        ({ claimedAt, state }, { eq, lt }) =>
          `${eq(state, 'open')} AND ${lt(claimedAt, now - leaseMilliseconds)}`,
      )
      .go({ response: 'all_new' });
    return data;
  } catch (error) {
    if (isConditionFailure(error)) return undefined;
    throw error;
  }
}

async function markTold(target: Target): Promise<boolean> {
  try {
    await database()
      .usageAlert.patch(target)
      .set({ state: 'told' })
      .where(({ state }, { eq }) => eq(state, 'open'))
      .go();
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
}
