import type { NextAuthOptions } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import { env } from './env.ts';
import { checkPassword } from './modules/account/service.ts';
import { countRequest } from './platform/rate-limiter.ts';
import { sessionCookieName } from './platform/session.ts';

const sessionSeconds = 7 * 24 * 60 * 60;
const attemptsPerMinute = 10;

/** How people sign in to the dashboard; the session is a signed cookie that names the account. */
export function authOptions(): NextAuthOptions {
  const isSecure = env().PUBLIC_URL.startsWith('https:');
  return {
    secret: env().AUTH_SECRET,
    session: { strategy: 'jwt', maxAge: sessionSeconds },
    pages: { signIn: '/sign-in' },
    cookies: {
      sessionToken: {
        name: sessionCookieName(),
        options: { httpOnly: true, sameSite: 'lax', path: '/', secure: isSecure },
      },
    },
    providers: [
      CredentialsProvider({
        credentials: { email: { type: 'email' }, password: { type: 'password' } },
        authorize: async (credentials) => {
          const { email = '', password = '' } = credentials ?? {};
          const { allowed } = await countRequest(`sign-in:${email}`, attemptsPerMinute);
          const account = allowed ? await checkPassword(email, password) : undefined;
          return account ? { id: account.id, email: account.email, name: account.name } : null;
        },
      }),
    ],
  };
}
