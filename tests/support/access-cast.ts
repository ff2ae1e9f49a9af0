import type { PlanId } from '@nebula/contract/plans';
import { scopeNames } from '@nebula/contract/scopes';
import type { Meta } from '#server/trpc.ts';
import type { Procedure } from './access.ts';
import { bearer, type Credentials, nobody, sessionOf } from './callers.ts';
import { newAccount, newOwner } from './stack.ts';

/** Everybody who calls each procedure. */
export const callerKinds = [
  'anonymous',
  'owner session',
  'other session',
  'key without the scope',
  'key with the scope',
  'test key with the scope',
  'key of an admin',
  'admin session',
] as const;

export type CallerKind = (typeof callerKinds)[number];

type Strangers = Awaited<ReturnType<typeof castStrangers>>;

export type Cast = { ownerId: string; callers: Record<CallerKind, Credentials> };

/** Two strangers for all procedures: somebody else, and an admin. */
export async function castStrangers() {
  const plan: PlanId = 'enterprise';
  const everything = { plan, scopes: [...scopeNames] };
  const [other, admin] = await Promise.all([newAccount(everything), newAccount(everything)]);
  const { updateAccount } = await import('#server/modules/account/service.ts');
  await updateAccount(admin.id, { role: 'admin' });
  return {
    'other session': await sessionOf(other.id),
    'key of an admin': bearer(admin.key),
    'admin session': await sessionOf(admin.id),
    otherKey: bearer(other.key),
  };
}

const casts = new Map<string, Promise<Cast>>();

/** An owner and its keys for one procedure, beside the strangers. No call of the matrix ends them. */
export function castFor({ meta, name }: Procedure, strangers: Strangers): Promise<Cast> {
  const cast = casts.get(name) ?? makeCast(meta, strangers, alsoNeeded[name]);
  casts.set(name, cast);
  return cast;
}

/** Scopes beside the one that a procedure states: what its fixture runs. */
const alsoNeeded: Record<string, string[]> = { 'jobs.retry': ['tools:html-to-pdf'] };

async function makeCast(
  { access }: Partial<Meta>,
  strangers: Strangers,
  also: string[] = [],
): Promise<Cast> {
  const scope = typeof access === 'object' ? access.scope : undefined;
  const owner = await newOwner('enterprise');
  const { createApiKey } = await import('#server/modules/api-key/service.ts');
  const keyWith = async (scopes: string[], mode: 'live' | 'test' = 'live') =>
    bearer((await createApiKey({ accountId: owner.id, name: 'caller', mode, scopes })).key);
  const covers = (held: string) =>
    held === scope || (held === 'tools:run' && scope?.startsWith('tools:'));
  const needed = scope === undefined ? [...scopeNames] : [scope, ...also];
  return {
    ownerId: owner.id,
    callers: {
      ...strangers,
      anonymous: nobody,
      'owner session': await sessionOf(owner.id),
      'key without the scope': await keyWith(scopeNames.filter((held) => !covers(held))),
      'key with the scope': await keyWith(needed),
      'test key with the scope': await keyWith(needed, 'test'),
    },
  };
}

/** What a caller must get: to be let in, or a status. An id belongs to the owner. */
export function expectedFor(kind: CallerKind, { meta }: Procedure): 'in' | 401 | 403 | 404 {
  const { access, owns } = meta;
  if (access === 'public') return 'in';
  if (kind === 'anonymous') return 401;
  if (access === 'admin') return kind === 'admin session' ? 'in' : 403;
  if (access === 'person' && kind.includes('key')) return 403;
  if (kind === 'key without the scope') return 403;
  const isStranger = /^other|admin/.test(kind);
  return isStranger && owns !== undefined ? 404 : 'in';
}
