import { isAppError } from '@nebula/contract/errors';
import { headers } from 'next/headers';
import type { NextAuthOptions } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import GoogleProvider from 'next-auth/providers/google';
import { identifyPerson } from './context.ts';
import { env } from './env.ts';
import { type Account, canonicalEmail } from './modules/account/service.ts';
import { continueWithGoogle, signIn, signOut } from './modules/auth/service.ts';
import { newDevice, readDevice } from './platform/device.ts';
import { logger } from './platform/logger.ts';
import { readSession, sessionCookieName, subjectOf } from './platform/session.ts';
import { sessionSeconds } from './platform/tokens.ts';

/** Where a request to sign in comes from, and the cookie that its answer sets beside the session. */
export type Visit = { address: string; headers: Headers; deviceCookie?: string };

/** How people sign in to the dashboard; the cookie names the account and the session. */
export function authOptions(visit: Visit): NextAuthOptions {
  const { address, headers: sent } = visit;
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
    callbacks: {
      signIn: ({ account, profile, user }) =>
        account?.provider === 'google' ? enterByGoogle(visit, profile, user) : true,
      redirect: ({ baseUrl, url }) => {
        const target = URL.parse(url, baseUrl);
        return target?.origin === new URL(baseUrl).origin ? target.href : baseUrl;
      },
      // The one place that renews a cookie; pages only look at it. An ended session gets an empty one.
      jwt: async ({ token, user }) => {
        if (user) return { ...token, sid: (user as { sid?: string }).sid };
        const { actor } = await identifyPerson(subjectOf(token));
        return actor.kind === 'session' ? token : {};
      },
      session: ({ session, token }) => (token.sub ? session : { expires: session.expires }),
    },
    events: {
      // Without it the cookie would only be forgotten here: a copy of it would go on.
      signOut: async ({ token }) => {
        const subject = subjectOf(token);
        if (!subject) return;
        const { actor } = await identifyPerson(subject);
        await signOut(subject, { actor, address, userAgent: sent.get('user-agent') ?? undefined });
      },
    },
    providers: [
      ...googleProviders(),
      CredentialsProvider({
        credentials: { email: { type: 'email' }, password: { type: 'password' } },
        authorize: async (credentials, request) => {
          const { email = '', password = '' } = credentials ?? {};
          const userAgent = request.headers?.['user-agent'] as string | undefined;
          const input = { email: canonicalEmail(email), password };
          const deviceId = readDevice(sent, input.email);
          const giveDevice = () => deviceFor(visit, input.email);
          const from = { address, userAgent, deviceId, giveDevice };
          const signed = await signIn(input, 'browser', from).catch(refuse);
          if (!signed) return null;
          const { account, session } = signed;
          return { id: account.id, email: account.email, name: account.name, sid: session.id };
        },
      }),
    ],
  };
}

/** Google, or another OpenID provider under its name, where one is configured. */
function googleProviders() {
  const { GOOGLE_CLIENT_ID: clientId, GOOGLE_CLIENT_SECRET: clientSecret, GOOGLE_ISSUER } = env();
  if (!clientId || !clientSecret) return [];
  const issuer = GOOGLE_ISSUER.replace(/\/$/, '');
  return [
    GoogleProvider({
      clientId,
      clientSecret,
      issuer,
      wellKnown: `${issuer}/.well-known/openid-configuration`,
      checks: ['pkce', 'state', 'nonce'],
      authorization: { params: { scope: 'openid email profile', prompt: 'select_account' } },
    }),
  ];
}

/** Whether the sign-in page shows a way by Google. */
export const hasGoogle = (): boolean => googleProviders().length > 0;

/** The id of the browser for an account; one that has none gets it with the answer. */
function deviceFor(visit: Visit, email: string): string {
  const known = readDevice(visit.headers, email);
  if (known) return known;
  const { cookie, id } = newDevice(email);
  visit.deviceCookie = cookie;
  return id;
}

/** The answer is yes, or the page to go to instead. */
async function enterByGoogle(
  visit: Visit,
  profile: object | undefined,
  user: object,
): Promise<true | string> {
  const { address, headers: sent } = visit;
  const giveDevice = (email: string) => deviceFor(visit, email);
  const origin = { address, userAgent: sent.get('user-agent') ?? undefined, giveDevice };
  const outcome = await continueWithGoogle(profile ?? {}, origin, await readSession(sent));
  if ('linked' in outcome) return '/dashboard/settings?google=linked';
  if ('refused' in outcome) {
    const page = outcome.isLinking ? '/dashboard/settings?google=' : '/sign-in?error=';
    return page + outcome.refused;
  }
  const { account, session } = outcome;
  // What the callback of the token finds as its user.
  Object.assign(user, { id: account.id, email: account.email, sid: session.id });
  return true;
}

/** The page has its words for a code; it says the same for every reason not to let somebody in. */
function refuse(error: unknown): undefined {
  if (isAppError(error) && error.code === 'unauthenticated') return;
  if (isAppError(error)) throw new Error(error.code);
  logger().error({ err: error }, 'unexpected error');
  throw new Error('internal');
}

/** The account that is signed in on the page being rendered, or undefined. */
export async function currentAccount(): Promise<Account | undefined> {
  const session = await readSession(await headers());
  if (!session) return undefined;
  const { actor } = await identifyPerson(session);
  return actor.kind === 'session' ? actor.account : undefined;
}
