import { AppError } from '@nebula/contract/errors';
import { tools } from '@nebula/contract/tools';
import { callTRPCProcedure, TRPCError } from '@trpc/server';
import { type Context, identifyActor } from '../context.ts';
import { env } from '../env.ts';
import { claimOnce, type OnceCall, Replay } from '../idempotency.ts';
import { clock } from '../platform/clock.ts';
import { newId } from '../platform/ids.ts';
import { logger } from '../platform/logger.ts';
import { createSpool } from '../platform/spool.ts';
import { countCall } from '../rate.ts';
import { type AnsweredCall, logToolCall } from '../request-log.ts';
import { appRouter } from '../router.ts';
import { transportSecurity } from '../transport-security.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { negotiateAnswer } from './negotiate.ts';
import { buildOpenApi } from './openapi.ts';
import { toProblem, toPublicError } from './problem.ts';
import { readInput } from './read-body.ts';
import type { RestRequest, RestResponse } from './request.ts';
import {
  acceptedAnswer,
  archiveAnswer,
  eventsAnswer,
  isAccepted,
  jsonAnswer,
  redirectAnswer,
  runAnswer,
  streamAnswer,
} from './respond.ts';
import { matchRoute, type Route } from './route-table.ts';

const maxWaitSeconds = 60;

/** Answers one request of the public API: route, caller, procedure, answer. Never throws. */
export async function handleRest(request: RestRequest): Promise<RestResponse> {
  const requestId = newId('req');
  const headers = new Map([...baseHeaders(requestId), ...corsHeaders(request)]);
  const spool = createSpool(requestId);
  const onSent = () => {
    spool
      .remove()
      .catch((error: unknown) => logger().error({ err: error }, 'spool was not removed'));
  };
  let route: Route | undefined;
  let rawInput: unknown;
  let reading: Promise<unknown> | undefined;
  let once: OnceCall | undefined;
  let isInProcedure = false;
  const startedAt = clock.now();
  const log = (answered: AnsweredCall) => {
    const tool = route?.meta.openapi.isRun ? route.meta.openapi.tool : undefined;
    if (tool !== undefined) logToolCall(ctx, { tool, startedAt, ...answered });
  };
  const ctx: Context = {
    requestId,
    transport: 'rest',
    actor: { kind: 'anonymous' },
    address: request.address,
    userAgent: request.headers.get('user-agent') ?? undefined,
    signal: request.signal,
    replyHeaders: headers,
    answer: 'bytes',
    ...readPreference(request.headers),
    lastEventId: request.headers.get('last-event-id') ?? undefined,
    idempotencyKey:
      request.method === 'POST' ? (request.headers.get('idempotency-key') ?? undefined) : undefined,
    once: {},
    measured: { bytesIn: 0 },
    spool,
  };
  const preflight = answerPreflight(request);
  if (preflight)
    return { status: 204, headers: new Map([...headers, ...preflight]), body: null, onSent };
  try {
    Object.assign(ctx, await identifyActor({ ...request, origin: ownOrigin() }));
    if (request.path === '/openapi.json' && isRead(request.method)) {
      await countCall(ctx);
      return send(200, jsonAnswer(buildOpenApi()), headers, onSent);
    }
    const found = findRoute(request);
    route = found.route;
    ctx.answer = negotiateAnswer(route, request.headers);
    const { params } = found;
    isInProcedure = true;
    const output = await callTRPCProcedure({
      router: appRouter,
      path: route.procedure,
      type: route.type,
      ctx,
      signal: request.signal,
      batchIndex: 0,
      // The procedure asks for its input itself, after it has let the caller in.
      getRawInput: () => {
        reading ??= readInput(request, found.route, params, ctx).then(async (input) => {
          rawInput = input;
          once = await claimOnce(ctx, toolCall(found.route, input));
          return input;
        });
        return reading;
      },
    });
    const kept = once ? await once.keep(output) : output;
    log({ output: kept });
    return sendOutput(route, kept, headers, onSent);
  } catch (thrown) {
    const replay = thrown instanceof TRPCError ? thrown.cause : thrown;
    if (route && replay instanceof Replay) {
      log({ output: replay.output });
      return sendOutput(route, replay.output, headers, onSent);
    }
    const error = isInProcedure ? thrown : await countRefused(ctx, thrown);
    const { signal } = request;
    const failure = toPublicError(error, { requestId, signal, schema: route?.input, rawInput });
    log({ error: failure });
    await once?.fail(failure);
    return sendProblem(failure, requestId, headers, onSent);
  }
}

function toolCall(route: Route, input: unknown) {
  const { isRun = false, showsSecret = false } = route.meta.openapi;
  return { route: route.procedure, input, isToolRun: isRun, isOwnOnly: showsSecret };
}

function sendOutput(
  { meta }: Route,
  output: unknown,
  headers: Map<string, string>,
  onSent: () => void,
): RestResponse {
  const { isRun, redirects, sends, status = 200 } = meta.openapi;
  if (sends === 'application/json')
    return send(200, streamAnswer(output as Parameters<typeof streamAnswer>[0]), headers, onSent);
  if (sends === 'text/event-stream')
    return send(200, eventsAnswer(output as Parameters<typeof eventsAnswer>[0]), headers, onSent);
  if (sends === 'application/zip')
    return send(200, archiveAnswer(output as FinishedRun), headers, onSent);
  if (sends) return send(200, runAnswer(output as FinishedRun), headers, onSent);
  if (redirects) return send(status, redirectAnswer(output as { url: string }), headers, onSent);
  if (!isRun) return send(status, jsonAnswer(output), headers, onSent);
  const run = output as Parameters<typeof isAccepted>[0];
  if (isAccepted(run)) return send(202, acceptedAnswer(run), headers, onSent);
  return send(status, runAnswer(run), headers, onSent);
}

type FinishedRun = Parameters<typeof archiveAnswer>[0];

/** What `Prefer` asks for: a job instead of the answer, at once or after some seconds. */
function readPreference(headers: Headers): Pick<Context, 'prefersAsync' | 'waitSeconds'> {
  const prefer = headers.get('prefer') ?? '';
  const wait = /(?:^|[\s,;])wait\s*=\s*"?(\d{1,6})"?/i.exec(prefer)?.[1];
  const waitSeconds = wait === undefined ? undefined : Math.min(maxWaitSeconds, Number(wait));
  return { prefersAsync: wait !== undefined || /\brespond-async\b/i.test(prefer), waitSeconds };
}

/** A call that ends before its procedure is counted like every other. */
async function countRefused(ctx: Context, refusal: unknown): Promise<unknown> {
  if (ctx.replyHeaders.has('ratelimit')) return refusal;
  return countCall(ctx).then(
    () => refusal,
    (limited: unknown) => limited,
  );
}

function answerPreflight(request: RestRequest): [string, string][] | undefined {
  if (request.method !== 'OPTIONS') return undefined;
  const found = matchRoute(request.method, request.path);
  return preflightHeaders(request, 'allow' in found ? found.allow : []);
}

type Found = { route: Route; params: Record<string, string> };

function findRoute({ method, path }: RestRequest): Found {
  const found = matchRoute(method, path);
  if ('route' in found) return found;
  const [, tool = ''] = /^\/tools\/([^/]+)$/.exec(path) ?? [];
  if (tool && !Object.hasOwn(tools, tool))
    throw new AppError('not_found', 'There is no such tool. GET /api/v1/tools lists them.');
  if (found.allow.length === 0)
    throw new AppError('not_found', 'There is no such operation. See /docs/api.');
  const allow = found.allow.join(', ');
  throw new AppError('method_not_allowed', `Expected ${allow}; received ${method}.`, {
    extra: { allow: found.allow },
  });
}

function baseHeaders(requestId: string): Map<string, string> {
  return new Map([
    ['x-request-id', requestId],
    ['cache-control', 'private, no-store'],
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', 'no-referrer'],
    ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
    ...(env().PUBLIC_URL.startsWith('https:') ? [transportSecurity] : []),
  ]);
}

function send(
  status: number,
  { headers: own, body }: ReturnType<typeof jsonAnswer>,
  headers: Map<string, string>,
  onSent: () => void,
): RestResponse {
  for (const [name, value] of own) headers.set(name, value);
  return { status, headers, body, onSent };
}

function sendProblem(
  error: AppError,
  requestId: string,
  headers: Map<string, string>,
  onSent: () => void,
): RestResponse {
  const body = JSON.stringify(toProblem(error, requestId, `${ownOrigin()}/docs/errors`));
  headers.set('content-type', 'application/problem+json');
  if (error.status === 401) headers.set('www-authenticate', 'Bearer realm="nebula"');
  const allow = error.details.extra?.allow;
  if (Array.isArray(allow)) headers.set('allow', allow.join(', '));
  const wait = error.details.retryAfterSeconds ?? (error.status === 503 ? 5 : undefined);
  if (wait !== undefined) headers.set('retry-after', String(Math.max(1, Math.ceil(wait))));
  return { status: error.status, headers, body, onSent };
}

const isRead = (method: string) => method === 'GET' || method === 'HEAD';
const ownOrigin = () => new URL(env().PUBLIC_URL).origin;
