/**
 * A process of its own that takes calls of an account's quota, all at once, as often as it is told.
 * Started by fork with the environment of the stack; each message is an order, each answer how many
 * of its calls were let in.
 */
export type Order = { accountId: string; calls: number };

const { findAccount } = await import('#server/modules/account/service.ts');
const { reserveQuota } = await import('#server/modules/usage/service.ts');

process.on('message', async ({ accountId, calls }: Order) => {
  const account = await findAccount(accountId);
  if (!account) throw new Error(`There is no account ${accountId}.`);
  const outcomes = await Promise.allSettled(
    Array.from({ length: calls }, async () => {
      const taken = await reserveQuota(account, 1);
      taken.settle();
    }),
  );
  for (const outcome of outcomes)
    if (outcome.status === 'rejected' && outcome.reason.code !== 'quota_exceeded')
      throw outcome.reason;
  process.send?.(outcomes.filter(({ status }) => status === 'fulfilled').length);
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
