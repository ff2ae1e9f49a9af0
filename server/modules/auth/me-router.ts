import { AppError } from '@nebula/contract/errors';
import { z } from 'zod';
import type { Context } from '../../context.ts';
import { personProcedure, router } from '../../trpc.ts';
import { type Account, checkPassword, renameAccount, unlinkGoogle } from '../account/service.ts';
import { recordEvent } from '../audit/service.ts';
import { endSession, giveLinkLeave, listSessions } from '../session/service.ts';
import { closeAccount } from './close-account.ts';
import { exportAccount } from './export-account.ts';
import { limitTries } from './limit-tries.ts';
import {
  acceptedSchema,
  nameInput,
  passwordInput,
  sessionSchema,
  toPublicSession,
  toPublicUser,
  userSchema,
} from './schema.ts';
import { changePassword } from './service.ts';

const tags: [string] = ['Accounts'];
const access = 'person';

const exportSchema = z.looseObject({ user: userSchema, exported_at: z.iso.datetime() });

export const meRouter = router({
  get: personProcedure
    .meta({
      access,
      openapi: {
        method: 'GET',
        path: '/users/me',
        summary: 'Your account',
        tags,
        output: userSchema,
      },
    })
    .input(z.strictObject({}))
    .query(({ ctx }) => toPublicUser(ctx.actor.account)),

  update: personProcedure
    .meta({
      access,
      openapi: {
        method: 'PATCH',
        path: '/users/me',
        summary: 'Change your account',
        tags,
        output: userSchema,
      },
    })
    .input(z.strictObject({ name: nameInput }))
    .mutation(async ({ ctx, input }) => {
      const { account } = ctx.actor;
      await renameAccount(account.id, input.name);
      await recordEvent(ctx, {
        accountId: account.id,
        action: 'account.updated',
        targetId: account.id,
        before: { name: account.name },
        after: { name: input.name },
      });
      return toPublicUser({ ...account, name: input.name });
    }),

  changePassword: personProcedure
    .meta({
      access,
      openapi: {
        method: 'POST',
        path: '/users/me/password',
        summary: 'Change the password',
        description: 'Ends every other session.',
        tags,
        output: acceptedSchema,
      },
    })
    .input(z.strictObject({ current_password: z.string().max(1_000), password: passwordInput }))
    .mutation(async ({ ctx, input }) => {
      const account = await checkOwner(ctx, input.current_password);
      await changePassword(account, input.password, ctx, sessionIdOf(ctx));
      return { message: 'The password is changed; every other session was ended.' };
    }),

  allowGoogle: personProcedure
    .meta({ access })
    .input(z.strictObject({ current_password: z.string().max(1_000) }))
    .mutation(async ({ ctx, input }) => {
      const { account } = ctx.actor;
      const sessionId = sessionIdOf(ctx);
      if (!sessionId) throw new AppError('forbidden', 'Expected a session of the dashboard.');
      await checkOwner(ctx, input.current_password);
      await giveLinkLeave(account.id, sessionId);
      return { message: 'Google may be linked within 10 minutes.' };
    }),

  unlinkGoogle: personProcedure
    .meta({ access })
    .input(z.strictObject({}))
    .mutation(async ({ ctx }) => {
      await unlinkGoogle(ctx.actor.account.id, ctx);
      return { message: 'Google signs in here no more.' };
    }),

  delete: personProcedure
    .meta({
      access,
      openapi: {
        method: 'DELETE',
        path: '/users/me',
        summary: 'Delete your account',
        description:
          'Ends keys, sessions, webhooks and automatic payments at once, and removes everything else that is stored of the account. Kept are invoices and the books of payments, as the law asks, and the audit log for 400 days. Names of removed files and answers to repeated requests go after a day. `confirm` has to be the address of the account.',
        tags,
        output: acceptedSchema,
      },
    })
    .input(z.strictObject({ confirm: z.string().max(320).describe('The address of the account.') }))
    .mutation(async ({ ctx, input }) => {
      const { account } = ctx.actor;
      if (input.confirm.trim().toLowerCase() !== account.email)
        throw new AppError('invalid_input', 'Expected the address of the account.', {
          param: 'confirm',
        });
      await closeAccount(account, ctx);
      return { message: 'The account is deleted.' };
    }),

  export: personProcedure
    .meta({
      access,
      openapi: {
        method: 'GET',
        path: '/users/me/export',
        summary: 'Export your data',
        description:
          'All that is stored of the account, without secrets: its keys, sessions, browsers, webhook endpoints, files, jobs, batches, pipelines, usage, request logs, billing details, invoices, conversations, notifications, preferences and audit log. The bytes of files and the PDFs of invoices have addresses of their own. The document is written while it is sent: one that breaks off is no JSON.',
        tags,
        output: exportSchema,
        sends: 'application/json',
      },
    })
    .input(z.strictObject({}))
    .query(({ ctx }) => ({ open: () => exportAccount(ctx.actor.account, sessionIdOf(ctx)) })),

  listSessions: personProcedure
    .meta({
      access,
      openapi: {
        method: 'GET',
        path: '/users/me/sessions',
        summary: 'List your sessions',
        tags,
        output: z.object({ data: z.array(sessionSchema) }),
      },
    })
    .input(z.strictObject({}))
    .query(async ({ ctx }) => ({
      data: (await listSessions(ctx.actor.account.id)).map((session) =>
        toPublicSession(session, sessionIdOf(ctx)),
      ),
    })),

  endSession: personProcedure
    .meta({
      access,
      owns: 'session',
      openapi: {
        method: 'DELETE',
        path: '/users/me/sessions/{id}',
        summary: 'End a session',
        description: 'Refused everywhere within 5 seconds.',
        tags,
        output: acceptedSchema,
      },
    })
    .input(z.strictObject({ id: z.string().max(64).describe('Id of the session.') }))
    .mutation(async ({ ctx, input }) => {
      const accountId = ctx.actor.account.id;
      if (!(await endSession(accountId, input.id)))
        throw new AppError('not_found', 'There is no such session.');
      await recordEvent(ctx, { accountId, action: 'session.revoked', targetId: input.id });
      return { message: 'The session is ended.' };
    }),
});

/** @throws AppError `invalid_input`, `rate_limited` */
async function checkOwner(
  ctx: Context & { actor: { account: Account } },
  password: string,
): Promise<Account> {
  const { email } = ctx.actor.account;
  await limitTries(email, { address: ctx.address, deviceId: sessionIdOf(ctx) });
  const account = await checkPassword(email, password);
  if (account) return account;
  throw new AppError('invalid_input', 'The current password is wrong.', {
    param: 'current_password',
  });
}

function sessionIdOf({ actor }: Context): string | undefined {
  return actor.kind === 'session' ? actor.sessionId : undefined;
}
