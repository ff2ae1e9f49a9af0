async function quotaOf(accountId: string) {
  const { findAccount } = await import('#server/modules/account/service.ts');
  const usage = await import('#server/modules/usage/service.ts');
  const account = await findAccount(accountId);
  if (!account) throw new Error(`There is no account ${accountId}.`);
  return { account, usage };
}

/** Calls that an account has left, as the database has it. */
export async function quotaLeft(accountId: string): Promise<number> {
  const { account, usage } = await quotaOf(accountId);
  return (await usage.readQuota(account)).remaining;
}

/** Uses up all but so many calls of an account. */
export async function leaveCalls(accountId: string, calls: number): Promise<void> {
  const { account, usage } = await quotaOf(accountId);
  const { remaining } = await usage.readQuota(account);
  await usage.reserveQuota(account, remaining - calls);
}

/** Lets the time pass that the calls of an account may run at the longest. */
export async function endHeldCalls(accountId: string): Promise<void> {
  const { database } = await import('#server/database.ts');
  const { quota } = database();
  const { data } = await quota.query.byCycle({ accountId }).go();
  for (const { cycle, open: held = [] } of data) {
    const ended = held.map((each) => each.replace(/^\d+/, '1'));
    await quota.patch({ accountId, cycle }).delete({ open: held }).go();
    await quota.patch({ accountId, cycle }).add({ open: ended }).go();
  }
}
