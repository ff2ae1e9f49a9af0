import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { type Context, identifyActor } from '../context.ts';
import { env } from '../env.ts';
import { newId } from '../platform/ids.ts';
import { appRouter } from '../router.ts';

/** The dashboard's own mount: the same procedures as JSON, for the session of the same origin. */
export function serveTrpc(request: Request): Promise<Response> {
  const replyHeaders = new Map([['cache-control', 'private, no-store']]);
  return fetchRequestHandler({
    endpoint: '/api/trpc',
    req: request,
    router: appRouter,
    maxBatchSize: 10,
    createContext: async (): Promise<Context> => {
      const { headers, method } = request;
      const origin = new URL(env().PUBLIC_URL).origin;
      return {
        requestId: newId('req'),
        transport: 'trpc',
        ...(await identifyActor({ headers, method, origin })),
        address: headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? 'unknown',
        signal: request.signal,
        replyHeaders,
        answer: 'json',
        prefersAsync: false,
      };
    },
    responseMeta: () => ({ headers: Object.fromEntries(replyHeaders) }),
  });
}
