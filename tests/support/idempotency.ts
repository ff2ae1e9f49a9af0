/** Ends the leases of running requests, as if their processes had been dead for a while. */
export async function endLeases(account: string): Promise<number> {
  const { database } = await import('#server/database.ts');
  const { data } = await database().idempotency.query.byId({ accountId: account }).go();
  const running = data.filter(({ outcome }) => outcome === undefined);
  for (const { accountId, id } of running)
    await database().idempotency.patch({ accountId, id }).set({ leaseUntil: 1 }).go();
  return running.length;
}
