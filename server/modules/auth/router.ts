import type { z } from 'zod';
import { logger } from '../../platform/logger.ts';
import { readRefreshToken } from '../../platform/tokens.ts';
import { publicProcedure, router } from '../../trpc.ts';
import {
  acceptedSchema,
  emailOnlyInput,
  loginInput,
  refreshInput,
  registerInput,
  resetInput,
  tokenInput,
  tokensSchema,
  toPublicUser,
} from './schema.ts';
import {
  confirmAddress,
  confirmReset,
  firstTokens,
  refreshTokens,
  register,
  requestReset,
  resendVerification,
  signIn,
  signOut,
} from './service.ts';

const tags: [string] = ['Accounts'];
const done = (message: string) => ({ message });
const noteUnsent = (error: unknown) => logger().error({ err: error }, 'a link was not sent');

export const authRouter = router({
  register: publicProcedure
    .meta({
      access: 'public',
      openapi: {
        method: 'POST',
        path: '/auth/register',
        summary: 'Register',
        description:
          'Makes an account and sends a link that confirms the address. The answer is the same for an address that has an account; its owner gets a mail.',
        tags,
        output: acceptedSchema,
        status: 201,
      },
    })
    .input(registerInput)
    .mutation(async ({ ctx, input }) => {
      await register(input, ctx);
      return done('We have sent you a mail. Open the link in it, and your account is ready.');
    }),

  login: publicProcedure
    .meta({
      access: 'public',
      openapi: {
        method: 'POST',
        path: '/auth/login',
        summary: 'Sign in',
        description: 'Gives an access token of 15 minutes and a refresh token of 7 days.',
        tags,
        output: tokensSchema,
        showsSecret: true,
      },
    })
    .input(loginInput)
    .mutation(async ({ ctx, input }) => {
      const { account, session } = await signIn(input, 'token', ctx);
      return toPublicTokens(await firstTokens(account, session));
    }),

  refresh: publicProcedure
    .meta({
      access: 'public',
      openapi: {
        method: 'POST',
        path: '/auth/refresh',
        summary: 'Refresh the tokens',
        description:
          'Rotates the refresh token. For 10 seconds the same call gets the same answer, so that a lost one can be asked for again; later the old token ends the session.',
        tags,
        output: tokensSchema,
        showsSecret: true,
      },
    })
    .input(refreshInput)
    .mutation(async ({ ctx, input }) =>
      toPublicTokens(await refreshTokens(input.refresh_token, ctx)),
    ),

  logout: publicProcedure
    .meta({
      access: 'public',
      openapi: {
        method: 'POST',
        path: '/auth/logout',
        summary: 'Sign out',
        description: 'Ends the session of a refresh token; its access tokens end within 5 seconds.',
        tags,
        output: acceptedSchema,
      },
    })
    .input(refreshInput)
    .mutation(async ({ ctx, input }) => {
      const claim = readRefreshToken(input.refresh_token);
      if (claim) await signOut(claim, ctx);
      return done('You are signed out.');
    }),

  requestReset: publicProcedure
    .meta({
      access: 'public',
      openapi: {
        method: 'POST',
        path: '/auth/password-resets',
        summary: 'Ask for a new password',
        description:
          'Sends a link that works once, for 30 minutes, where the address has an account.',
        tags,
        output: acceptedSchema,
        status: 202,
      },
    })
    .input(emailOnlyInput)
    .mutation(async ({ input }) => {
      // Not awaited: how long it takes would tell whether there is an account.
      void requestReset(input.email).catch(noteUnsent);
      return done('If the address has an account, a mail is on its way.');
    }),

  confirmReset: publicProcedure
    .meta({
      access: 'public',
      openapi: {
        method: 'POST',
        path: '/auth/password-resets/confirm',
        summary: 'Set a new password',
        description: 'Ends every session of the account.',
        tags,
        output: acceptedSchema,
      },
    })
    .input(resetInput)
    .mutation(async ({ ctx, input }) => {
      await confirmReset(input.token, input.password, ctx);
      return done('The password is set. Sign in with it.');
    }),

  requestVerification: publicProcedure
    .meta({
      access: 'public',
      openapi: {
        method: 'POST',
        path: '/auth/email-verifications',
        summary: 'Send the confirming mail again',
        tags,
        output: acceptedSchema,
        status: 202,
      },
    })
    .input(emailOnlyInput)
    .mutation(async ({ input }) => {
      void resendVerification(input.email).catch(noteUnsent);
      return done('If the address waits to be confirmed, a mail is on its way.');
    }),

  confirmVerification: publicProcedure
    .meta({
      access: 'public',
      openapi: {
        method: 'POST',
        path: '/auth/email-verifications/confirm',
        summary: 'Confirm an address',
        tags,
        output: acceptedSchema,
      },
    })
    .input(tokenInput)
    .mutation(async ({ ctx, input }) => {
      await confirmAddress(input.token, ctx.address);
      return done('The address is confirmed. Sign in.');
    }),
});

function toPublicTokens(
  tokens: Awaited<ReturnType<typeof firstTokens>>,
): z.infer<typeof tokensSchema> {
  return {
    access_token: tokens.accessToken,
    refresh_token: tokens.refreshToken,
    token_type: 'Bearer',
    expires_in: tokens.expiresIn,
    refresh_expires_in: tokens.refreshExpiresIn,
    user: toPublicUser(tokens.account),
  };
}
