import { createAccount } from '#server/modules/account/service.ts';
import { createApiKey } from '#server/modules/api-key/service.ts';

/** Accounts of the enterprise plan, each with a key, so that no minute's limit is measured. */
export async function createKeys(count: number): Promise<string[]> {
  const run = Date.now().toString(36);
  return Promise.all(Array.from({ length: count }, (_, index) => createKey(`${run}-${index}`)));
}

async function createKey(name: string): Promise<string> {
  const account = await createAccount({
    email: `bench-${name}@example.com`,
    password: 'only for a benchmark on loopback',
    name: 'Benchmark',
    plan: 'enterprise',
  });
  const { key } = await createApiKey({ accountId: account.id, name: 'Benchmark' });
  return key;
}
