import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { despiteConflicts, isConditionFailure } from '../../platform/dynamo.ts';
import type { EndpointRow } from './schema.ts';

const leaseMilliseconds = 30_000;
const renewMilliseconds = 10_000;
/** An index may be so far behind the rows. */
export const laggingMilliseconds = 60_000;
export const lookAgainMilliseconds = 5_000;
const idleMilliseconds = 10 * 60_000;

/** What is written about lanes wakes the looker of this name. */
export const laneLooker = 'deliveries';

/** Endpoints that nobody works on, and that somebody has to look at by a moment, the first due first. */
export async function findLanes(dueAt: number, count: number): Promise<EndpointRow[]> {
  const now = clock.now();
  const { data } = await database()
    .webhookEndpoint.query.byDueTime({})
    .lte({ dueAt })
    .where(
      ({ leaseUntil }, { lt, notExists }) => `${notExists(leaseUntil)} OR ${lt(leaseUntil, now)}`,
    )
    .go({ count });
  return data;
}

/**
 * Holds the lane of an endpoint while `work` runs, which says when somebody has to look again. A
 * process that dies holds it no longer than its lease, and the lane stays due all the while.
 *
 * @param owner names this process
 */
export async function withLane(
  { accountId, id }: EndpointRow,
  owner: string,
  work: (endpoint: EndpointRow) => Promise<number | undefined>,
): Promise<void> {
  const lane = database().webhookEndpoint;
  const claimed = await unlessRefused(() => {
    const now = clock.now();
    return lane
      .patch({ accountId, id })
      .set({ leaseOwner: owner, leaseUntil: now + leaseMilliseconds })
      .where(
        ({ leaseUntil }, { lt, notExists }) => `${notExists(leaseUntil)} OR ${lt(leaseUntil, now)}`,
      )
      .go({ response: 'all_new' });
  });
  if (!claimed) return;
  const renew = () =>
    unlessRefused(() =>
      lane
        .patch({ accountId, id })
        .set({ leaseUntil: clock.now() + leaseMilliseconds })
        .where(({ leaseOwner }, { eq }) => eq(leaseOwner, owner))
        .go(),
    ).catch(() => undefined);
  const renewal = setInterval(renew, renewMilliseconds);
  // Whatever happens, the lane is looked at again soon.
  let nextAt: number | undefined = clock.now() + lookAgainMilliseconds;
  try {
    nextAt = await work(claimed.data as EndpointRow);
  } finally {
    clearInterval(renewal);
    await release(claimed.data as EndpointRow, owner, nextAt);
  }
}

/** Gives the lane back. Who was poked in between stays due at once. */
async function release(
  { accountId, id, pokedAt, pokes: seen }: EndpointRow,
  owner: string,
  nextAt = Number.POSITIVE_INFINITY,
): Promise<void> {
  const now = clock.now();
  // An index may lag behind the rows: what was written a moment ago is looked for once more.
  const isLagging = now - pokedAt < laggingMilliseconds;
  const dueAt = Math.min(nextAt, now + (isLagging ? lookAgainMilliseconds : idleMilliseconds));
  const lane = database().webhookEndpoint;
  const isReleased = await unlessRefused(() =>
    lane
      .patch({ accountId, id })
      .set({ dueAt })
      .remove(['leaseOwner', 'leaseUntil'])
      .where(({ leaseOwner, pokes }, { eq }) => `${eq(leaseOwner, owner)} AND ${eq(pokes, seen)}`)
      .go(),
  );
  if (isReleased) return;
  await unlessRefused(() =>
    lane
      .patch({ accountId, id })
      .remove(['leaseOwner', 'leaseUntil'])
      .where(({ leaseOwner }, { eq }) => eq(leaseOwner, owner))
      .go(),
  );
}

/** The answer of a write, or undefined where its condition does not hold. */
async function unlessRefused<T>(write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await despiteConflicts(write);
  } catch (error) {
    if (isConditionFailure(error)) return undefined;
    throw error;
  }
}
