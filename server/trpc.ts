import { AppError, publicErrorOf } from '@nebula/contract/errors';
import { coversScope } from '@nebula/contract/scopes';
import type { Source } from '@nebula/contract/tool';
import type { ToolId } from '@nebula/contract/tools';
import { initTRPC, TRPCError } from '@trpc/server';
import { z } from 'zod';
import { type Actor, type Context, capOf } from './context.ts';
import { assertQuotaLeft, glanceAtQuota } from './modules/usage/service.ts';
import { countCall } from './rate.ts';

/** What a procedure says of itself; the route and its document are made from it. */
export type Meta = {
  /**
   * Who may call. `public` needs no credentials; a key needs the scope, a session has every one;
   * `person` is somebody signed in, and no key; `admin` is such a person with that role.
   */
  access: 'public' | 'person' | 'admin' | { scope: string };
  /** What the `id` of the input names: one of the caller's own. */
  owns?: string;
  openapi?: {
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
    /** Below `/api/v1`, e.g. `/tools/{tool}`. */
    path: `/${string}`;
    summary: string;
    description?: string;
    tags: [string, ...string[]];
    /** The tool whose files and options the body carries. */
    tool?: ToolId;
    /** The files that the body carries, where there is no tool. */
    source?: Source;
    /** The answer sends the caller on to its `url`. */
    redirects?: boolean;
    /** The answer is what the tool has made. */
    isRun?: boolean;
    /** The answer is a stream of this type; JSON is written while it is sent, and has an `output`. */
    sends?: 'application/json' | 'application/pdf' | 'application/zip' | 'text/event-stream';
    /** The answer holds a secret: it is given again to the very caller alone. */
    showsSecret?: boolean;
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
    errorFormatter: ({ ctx, shape, error }) => {
      const cause = error.cause;
      // By itself it would be JSON, which pages would show to a person.
      if (cause instanceof z.ZodError)
        return { ...shape, message: cause.issues.map((issue) => issue.message).join(' ') };
      const known = publicErrorOf(cause);
      if (!known) return isOurs(error) ? { ...shape, message: wordsFor(ctx) } : shape;
      return { ...shape, message: known.message, data: { ...shape.data, error: known.toWire() } };
    },
  });

/** Whether nobody has foreseen it: what it says is for the log alone. */
export const isOurs = ({ cause, code }: TRPCError): boolean =>
  code === 'INTERNAL_SERVER_ERROR' && !publicErrorOf(cause);

const wordsFor = (ctx: Context | undefined): string =>
  `Something went wrong on our side.${ctx ? ` Quote ${ctx.requestId} to the support.` : ''}`;

export const router = t.router;

/** Counts the request before anything else is done for it; refused calls have read no body. */
const limitRate = t.middleware(async ({ ctx, next }) => {
  await countCall(ctx).catch((error: AppError) => {
    throw toTrpcError(error);
  });
  return next();
});

/** Gives a public error its status in tRPC's own transport too. */
const translateErrors = t.middleware(async ({ next }) => {
  const result = await next();
  const known = result.ok ? undefined : publicErrorOf(result.error);
  if (known) throw toTrpcError(known);
  return result;
});

const requireAccess = t.middleware(({ ctx, meta, next }) => {
  const { actor } = ctx;
  if (actor.kind === 'anonymous') {
    const how = 'Send an API key as "Authorization: Bearer nb_live_…".';
    const message = ctx.credentialProblem ?? `This operation needs credentials. ${how}`;
    throw toTrpcError(new AppError('unauthenticated', message));
  }
  const access = meta?.access;
  if (access === 'admin') assertAdmin(actor);
  if (access === 'person') assertPerson(actor);
  const scope = typeof access === 'object' ? access.scope : undefined;
  if (access !== 'admin' && access !== 'person' && !scope)
    throw toTrpcError(new AppError('internal', 'The procedure does not state who may call it.'));
  if (scope && actor.kind === 'key' && !coversScope(actor.scopes, scope)) {
    throw toTrpcError(
      new AppError('forbidden', `The API key lacks the scope ${scope}.`, { extra: { scope } }),
    );
  }
  return next({ ctx: { actor: actor as Exclude<Actor, { kind: 'anonymous' }> } });
});

/** Refuses an account without calls left, and tells every caller where it stands. */
const requireQuota = t.middleware(async ({ ctx, next }) => {
  if (ctx.actor.kind === 'anonymous') return next();
  const quota = await glanceAtQuota(ctx.actor.account, capOf(ctx.actor));
  ctx.replyHeaders.set('x-quota-limit', String(quota.limit));
  ctx.replyHeaders.set('x-quota-remaining', String(quota.remaining));
  ctx.replyHeaders.set('x-quota-reset', String(Math.floor(quota.resetsAt / 1000)));
  // An answer that was given before costs nothing; whether it was shows only when the body is read.
  if (ctx.idempotencyKey === undefined) assertQuotaLeft(quota);
  return next();
});

/** Probes: anybody, as often as they like; nothing is counted. */
export const openProcedure = t.procedure.use(translateErrors);

/** Anybody may call. */
export const publicProcedure = openProcedure.use(limitRate);

/** A key with the scope, or a signed-in person. The order is the point: all this before the body. */
export const accountProcedure = publicProcedure.use(requireAccess);

/** A signed-in admin; the procedure says `access: 'admin'`. */
export const adminProcedure = accountProcedure;

/** Somebody who is signed in, whatever keys there are; the procedure says `access: 'person'`. */
export const personProcedure = accountProcedure;

/** An account that has calls left. */
export const meteredProcedure = accountProcedure.use(requireQuota);

function assertAdmin(actor: Exclude<Actor, { kind: 'anonymous' }>): void {
  if (actor.kind !== 'key' && actor.account.role === 'admin') return;
  throw toTrpcError(new AppError('forbidden', 'This operation is for admins that are signed in.'));
}

function assertPerson(actor: Exclude<Actor, { kind: 'anonymous' }>): void {
  if (actor.kind !== 'key') return;
  throw toTrpcError(new AppError('forbidden', 'This operation needs a sign-in; keys may not.'));
}

const trpcCodes = {
  401: 'UNAUTHORIZED',
  402: 'PAYMENT_REQUIRED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_SUPPORTED',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  422: 'UNPROCESSABLE_CONTENT',
  429: 'TOO_MANY_REQUESTS',
  500: 'INTERNAL_SERVER_ERROR',
  503: 'SERVICE_UNAVAILABLE',
} as const;

/** Wraps the public error for tRPC's own transport; REST unwraps it again. */
export function toTrpcError(error: AppError): TRPCError {
  const status = error.status as keyof typeof trpcCodes;
  return new TRPCError({ code: trpcCodes[status] ?? 'BAD_REQUEST', cause: error });
}
