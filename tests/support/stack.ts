import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { PlanId } from '@nebula/contract/plans';

type StackFile = {
  url: string;
  api_key: string;
  demo: { email: string; password: string };
  admin: { email: string; password: string };
  addresses: Record<string, string>;
  pids: Record<string, number>;
  env: Record<string, string>;
};

/** The running stack; `npm test` starts one of its own, otherwise it is the one of `npm start`. */
export const stackPath = resolve(process.env.NEBULA_STACK_FILE ?? '.data/stack.json');

export const stack = JSON.parse(readFileSync(stackPath, 'utf8')) as StackFile;
// A test is a part of the stack beside the others: the server's modules find the same services.
Object.assign(process.env, stack.env);

/** Base address of the public API. */
export const api = `${stack.url}/api/v1`;

/** Reads the pids again: a part that was killed has a new one. */
export function currentPids(): Record<string, number> {
  const path = stackPath.replace(/stack\.json$/, 'pids.json');
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, number>;
}

let made = 0;

/** A new account in the stack's own database; nobody can sign in to it by a password. */
export async function newOwner(plan: PlanId = 'free'): Promise<{ id: string; email: string }> {
  const { database } = await import('#server/database.ts');
  const { newId } = await import('#server/platform/ids.ts');
  const account = {
    id: newId('usr'),
    email: `test-${Date.now()}-${made++}@example.com`,
    name: 'Test',
    plan,
    role: 'user' as const,
    cycleAnchor: Date.now(),
    createdAt: Date.now(),
  };
  // Without a way to sign in: hashing a password for each of them would be most of the work.
  await database().account.create(account).go();
  return account;
}

/** Such an account with a key. */
export async function newAccount({
  plan = 'free' as PlanId,
  mode = 'live' as 'live' | 'test',
  scopes = ['tools:run', 'usage:read'],
} = {}): Promise<{ id: string; key: string; keyId: string }> {
  const { id: accountId } = await newOwner(plan);
  const keys = await import('#server/modules/api-key/service.ts');
  const { id, key } = await keys.createApiKey({ accountId, name: 'Test', mode, scopes });
  return { id: accountId, key, keyId: id };
}

/** Calls a tool with a form. */
export function postForm(
  tool: string,
  key: string,
  fields: Record<string, string | Blob>,
  headers: Record<string, string> = {},
): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, value, 'file');
  }
  return fetch(`${api}/tools/${tool}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, ...headers },
    body: form,
  });
}

/** Calls a tool with a JSON body. */
export function postJson(
  tool: string,
  key: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${api}/tools/${tool}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}
