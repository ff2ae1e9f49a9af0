import { AppError, errorCodes, isAppError } from '@nebula/contract/errors';
import type { ToolId } from '@nebula/contract/tools';
import { initTRPC, TRPCError } from '@trpc/server';
import type { z } from 'zod';
import type { Actor, Context } from './context.ts';
import { assertQuotaLeft, readQuota } from './modules/usage/service.ts';
import { countCall } from './rate.ts';

/** What a procedure says of itself; the route and its document are made from it. */
export type Meta = {
  /** Who may call. `public` needs no credentials; a key needs the scope, a session has every one. */
  access: 'public' | { scope: string };
  openapi?: {
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
    /** Below `/api/v1`, e.g. `/tools/{tool}`. */
    path: `/${string}`;
    summary: string;
    description?: string;
    tags: [string, ...string[]];
    /** The tool whose files and options the body carries. */
    tool?: ToolId;
    /** The answer is what the tool has made. */
    isRun?: boolean;
    /** Shape of the JSON answer; undefined for none. */
    output?: z.ZodType;
    /** Status of success; 200 unless said. */
    status?: number;
  };
};

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    isDev: false,
    errorFormatter: ({ shape, error }) => {
      const cause = error.cause;
      if (!isAppError(cause)) return shape;
      return { ...shape, message: cause.message, data: { ...shape.data, error: cause.toWire() } };
    },
  });

export const router = t.router;

/** Counts the request before anything else is done for it; refused calls have read no body. */
const limitRate = t.middleware(async ({ ctx, next }) => {
  await countCall(ctx).catch((error: AppError) => {
    throw fail(error);
  });
  return next();
});

const requireAccess = t.middleware(({ ctx, meta, next }) => {
  const { actor } = ctx;
  if (actor.kind === 'anonymous') {
    const how = 'Send an API key as "Authorization: Bearer nb_live_…".';
    const message = ctx.credentialProblem ?? `This operation needs credentials. ${how}`;
    throw fail(new AppError('unauthenticated', message));
  }
  const scope = typeof meta?.access === 'object' ? meta.access.scope : undefined;
  if (!scope) throw fail(new AppError('internal', 'The procedure does not state who may call it.'));
  if (actor.kind === 'key' && !hasScope(actor.scopes, scope)) {
    throw fail(
      new AppError('forbidden', `The API key lacks the scope ${scope}.`, { extra: { scope } }),
    );
  }
  return next({ ctx: { actor: actor as Exclude<Actor, { kind: 'anonymous' }> } });
});

/** Refuses an account without calls left, and tells every caller where it stands. */
const requireQuota = t.middleware(async ({ ctx, next }) => {
  if (ctx.actor.kind === 'anonymous') return next();
  const quota = await readQuota(ctx.actor.account);
  ctx.replyHeaders.set('x-quota-limit', String(quota.limit));
  ctx.replyHeaders.set('x-quota-remaining', String(quota.remaining));
  ctx.replyHeaders.set('x-quota-reset', String(Math.floor(quota.resetsAt / 1000)));
  // An answer that was given before costs nothing; whether it was shows only when the body is read.
  if (ctx.idempotencyKey === undefined) assertQuotaLeft(quota);
  return next();
});

/** Probes: anybody, as often as they like; nothing is counted. */
export const openProcedure = t.procedure;

/** Anybody may call. */
export const publicProcedure = t.procedure.use(limitRate);

/** A key with the scope, or a signed-in person. The order is the point: all this before the body. */
export const accountProcedure = t.procedure.use(limitRate).use(requireAccess);

/** An account that has calls left. */
export const meteredProcedure = accountProcedure.use(requireQuota);

/** `tools:run` covers `tools:image-resize`; nothing else widens. */
function hasScope(scopes: readonly string[], needed: string): boolean {
  return scopes.includes(needed) || (needed.startsWith('tools:') && scopes.includes('tools:run'));
}

const trpcCodes = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  429: 'TOO_MANY_REQUESTS',
} as const;

/** Wraps the public error for tRPC's own transport; REST unwraps it again. */
function fail(error: AppError): TRPCError {
  const status = errorCodes[error.code].status as keyof typeof trpcCodes;
  return new TRPCError({ code: trpcCodes[status] ?? 'BAD_REQUEST', cause: error });
}
