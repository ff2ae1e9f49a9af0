import { publicErrorOf } from '@nebula/contract/errors';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { type Context, identifyActor } from '../context.ts';
import { env } from '../env.ts';
import { requestIdHeader } from '../page-headers.ts';
import { newId } from '../platform/ids.ts';
import { logger } from '../platform/logger.ts';
import { appRouter } from '../router.ts';
import { isOurs, toTrpcError } from '../trpc.ts';

/** The dashboard's own mount: the same procedures as JSON, for the session of the same origin. */
export function serveTrpc(request: Request): Promise<Response> {
  // Written by our own server, and already on the answer; other hosts have none.
  const requestId = request.headers.get(requestIdHeader) ?? newId('req');
  const replyHeaders = new Map([['cache-control', 'private, no-store']]);
  return fetchRequestHandler({
    endpoint: '/api/trpc',
    req: request,
    router: appRouter,
    maxBatchSize: 10,
    createContext: async (): Promise<Context> => {
      const { headers, method } = request;
      const origin = new URL(env().PUBLIC_URL).origin;
      const address = headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? 'unknown';
      return {
        requestId,
        transport: 'trpc',
        ...(await identifyActor({ headers, method, origin, address }).catch(refuse)),
        address,
        userAgent: headers.get('user-agent') ?? undefined,
        signal: request.signal,
        replyHeaders,
        answer: 'json',
        prefersAsync: false,
      };
    },
    onError: ({ error, path }) => {
      if (isOurs(error)) logger().error({ err: error, path, requestId }, 'unexpected error');
    },
    responseMeta: () => ({ headers: Object.fromEntries(replyHeaders) }),
  });
}

/** A caller that is refused hears the reason in tRPC's own words. */
function refuse(error: unknown): never {
  const known = publicErrorOf(error);
  throw known ? toTrpcError(known) : error;
}
