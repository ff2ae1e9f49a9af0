import { jsonSchemaOf } from '@nebula/contract/explain';
import type { PlanId } from '@nebula/contract/plans';
import { scopeNames } from '@nebula/contract/scopes';
import type { AnyTRPCProcedure } from '@trpc/server';
import type { z } from 'zod';
import { appRouter } from '#server/router.ts';
import type { Meta } from '#server/trpc.ts';
import { bearer, type Credentials, nobody, sessionOf } from './callers.ts';
import { newAccount } from './stack.ts';

/**
 * Makes something that the `id` of a procedure may name, by what its meta `owns`. It is made anew
 * for every call, so that one call may delete it.
 */
export const fixtures: Record<string, (ownerId: string) => Promise<string>> = {
  apiKey: async (accountId) => {
    const { createApiKey } = await import('#server/modules/api-key/service.ts');
    const { id } = await createApiKey({ accountId, name: 'fixture', mode: 'test', scopes: [] });
    return id;
  },
};

/** What a procedure needs beside its id; what is not named here is called with nothing. */
export const inputs: Record<string, Record<string, unknown>> = {
  'apiKeys.create': { name: 'matrix', mode: 'test', scopes: [] },
  'billing.preview': { plan: 'pro' },
  'billing.choosePlan': { plan: 'enterprise' },
  'billing.startCheckout': { phone: '9876543210' },
  'billing.confirmOrder': { order_id: 'ord_of_nobody' },
  'catalog.getTool': { tool: 'image-resize' },
};

/** What somebody who is let in gets, where that is no success; tools are called without a file. */
export const answers: Record<string, number> = {
  ...Object.fromEntries(
    procedureNames().flatMap((name) => (/^(tools|estimates)\./.test(name) ? [[name, 422]] : [])),
  ),
  // An admin gave these accounts their plans, and nothing is owed.
  'billing.current': 409,
  'billing.preview': 409,
  'billing.choosePlan': 409,
  'billing.startCheckout': 409,
  'billing.confirmOrder': 404,
};

export type Procedure = {
  name: string;
  type: 'query' | 'mutation';
  meta: Partial<Meta>;
  /** Names of the input's fields. */
  fields: string[];
};

/** Every procedure of the router. */
export const procedures: Procedure[] = Object.entries(appRouter._def.procedures).map(
  ([name, procedure]) => {
    const { _def } = procedure as unknown as AnyTRPCProcedure;
    const { inputs: schemas, meta = {}, type } = _def as unknown as Declared;
    const fields = schemas.flatMap((schema) => Object.keys(jsonSchemaOf(schema).properties ?? {}));
    return { name, type, meta, fields };
  },
);

type Declared = { type: Procedure['type']; meta?: Meta; inputs: z.ZodType[] };

function procedureNames(): string[] {
  return Object.keys(appRouter._def.procedures);
}

const kinds = [
  'anonymous',
  'owner session',
  'other session',
  'key without the scope',
  'key with the scope',
  'test key with the scope',
  'key of an admin',
  'admin session',
] as const;

export type CallerKind = (typeof kinds)[number];

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

/** An owner and its keys for one procedure, beside the strangers. */
export async function castFor(
  { meta }: Procedure,
  strangers: Awaited<ReturnType<typeof castStrangers>>,
): Promise<Cast> {
  const scope = typeof meta.access === 'object' ? meta.access.scope : undefined;
  const owner = await newAccount({ plan: 'enterprise' });
  const { createApiKey } = await import('#server/modules/api-key/service.ts');
  const keyWith = async (scopes: string[], mode: 'live' | 'test' = 'live') =>
    bearer((await createApiKey({ accountId: owner.id, name: 'caller', mode, scopes })).key);
  const covers = (held: string) =>
    held === scope || (held === 'tools:run' && scope?.startsWith('tools:'));
  const needed = scope === undefined ? [...scopeNames] : [scope];
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
  if (kind === 'key without the scope') return 403;
  const isStranger = /^other|admin/.test(kind);
  return isStranger && owns !== undefined ? 404 : 'in';
}

export const callerKinds: readonly CallerKind[] = kinds;
