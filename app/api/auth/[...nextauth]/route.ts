import NextAuth from 'next-auth';
import { authOptions } from '#server/auth.ts';

type Params = { params: Promise<{ nextauth: string[] }> };

/** The options are made at the first request: a build has no environment. */
const handler = (request: Request, context: Params) => NextAuth(authOptions())(request, context);

export { handler as GET, handler as POST };
