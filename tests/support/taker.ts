/**
 * A process of its own that takes calls of an account's quota, all at once, as often as it is told.
 * Started by fork with the environment of the stack; each message is an order, each answer its
 * outcome.
 */
export type Order = { accountId: string; calls: number };

/** How many were let in, and of how many nobody knows because the database did not answer. */
export type Outcome = { taken: number; lost: number };

const { findAccount } = await import('#server/modules/account/service.ts');
const { reserveQuota } = await import('#server/modules/usage/service.ts');

process.on('message', async ({ accountId, calls }: Order) => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: calls }, async () => {
      const account = await findAccount(accountId);
      if (!account) throw new Error(`There is no account ${accountId}.`);
      const taken = await reserveQuota(account, 1);
      taken.settle();
    }),
  );
  const failed = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
  const lost = failed.filter(({ reason }) => reason.code !== 'quota_exceeded').length;
  process.send?.({ taken: calls - failed.length, lost } satisfies Outcome);
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
