/** Lets the 24 hours of every key of an account be over, though its rows are still stored. */
export async function endKeys(account: string): Promise<number> {
  const { database } = await import('#server/database.ts');
  const { data } = await database().idempotency.query.byId({ accountId: account }).go();
  for (const { accountId, id } of data)
    await database().idempotency.patch({ accountId, id }).set({ expiresAt: 1 }).go();
  return data.length;
}

/** Ends the leases of running requests, as if their processes had been dead for a while. */
export async function endLeases(account: string): Promise<number> {
  const { database } = await import('#server/database.ts');
  const { data } = await database().idempotency.query.byId({ accountId: account }).go();
  const running = data.filter(({ outcome }) => outcome === undefined);
  for (const { accountId, id } of running)
    await database().idempotency.patch({ accountId, id }).set({ leaseUntil: 1 }).go();
  return running.length;
}
