import NextAuth from 'next-auth';
import { authOptions, type Visit } from '#server/auth.ts';

type Params = { params: Promise<{ nextauth: string[] }> };

/** The options are made at the first request: a build has no environment. */
const handler = async (request: Request, context: Params): Promise<Response> => {
  const visit: Visit = { address: addressOf(request), headers: request.headers };
  const response: Response = await NextAuth(authOptions(visit))(request, context);
  if (visit.deviceCookie) response.headers.append('set-cookie', visit.deviceCookie);
  return response;
};

/** Written by our own server, which knows the proxies; see server/main.ts. */
const addressOf = (request: Request) =>
  request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? 'unknown';

export { handler as GET, handler as POST };
