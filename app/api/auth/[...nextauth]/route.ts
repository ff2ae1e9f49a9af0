import NextAuth from 'next-auth';
import { authOptions } from '#server/auth.ts';

type Params = { params: Promise<{ nextauth: string[] }> };

/** The options are made at the first request: a build has no environment. */
const handler = (request: Request, context: Params) =>
  NextAuth(authOptions({ address: addressOf(request), headers: request.headers }))(
    request,
    context,
  );

/** Written by our own server, which knows the proxies; see server/main.ts. */
const addressOf = (request: Request) =>
  request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? 'unknown';

export { handler as GET, handler as POST };
