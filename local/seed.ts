import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAccount, findAccountByEmail, setPassword } from '#server/modules/account/service.ts';
import { createApiKey, findActiveKey } from '#server/modules/api-key/service.ts';

type Login = { email: string; password: string };
type Seed = { api_key: string; demo: Login; admin: Login };

/** Makes the demo and the admin account with one key, or finds those of an earlier start. */
export async function seedAccounts(folder: string): Promise<Seed> {
  const path = join(folder, 'seed.json');
  const known = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as Seed)
    : {
        api_key: '',
        demo: { email: 'demo@nebula.local', password: randomBytes(9).toString('base64url') },
        admin: { email: 'admin@nebula.local', password: randomBytes(9).toString('base64url') },
      };
  const demo = await ensureAccount({ ...known.demo, name: 'Demo', plan: 'enterprise' });
  await ensureAccount({ ...known.admin, name: 'Admin', role: 'admin' });
  if (!(await findActiveKey(known.api_key))) {
    known.api_key = (await createApiKey({ accountId: demo.id, name: 'Demo key' })).key;
  }
  writeFileSync(path, `${JSON.stringify(known, null, 2)}\n`, { mode: 0o600 });
  return known;
}

async function ensureAccount(wanted: Parameters<typeof createAccount>[0]) {
  const existing = await findAccountByEmail(wanted.email);
  if (!existing) return createAccount(wanted);
  await setPassword(existing, wanted.password);
  return existing;
}
