import { AppError } from '@nebula/contract/errors';
import { toPage } from '../../platform/page.ts';
import { adminProcedure, router } from '../../trpc.ts';
import { findAccount, findAccountByEmail, listAccounts } from '../account/service.ts';
import { givePlan } from '../billing/service.ts';
import {
  accountIdInput,
  accountListInput,
  adminUserListSchema,
  adminUserSchema,
  changePlanInput,
  suspendInput,
  toAdminUser,
} from './admin-schema.ts';
import { restoreAccount, suspendAccount } from './suspend-account.ts';

const access = 'admin';
const owns = 'account';
const tags: [string] = ['Admin'];

/** Every account, for those who look after them. */
export const adminUserRouter = router({
  list: adminProcedure
    .meta({
      access,
      openapi: {
        method: 'GET',
        path: '/admin/users',
        summary: 'List accounts',
        description: 'The newest first, or the one of an address.',
        tags,
        output: adminUserListSchema,
      },
    })
    .input(accountListInput)
    .query(async ({ input: { email, ...page } }) => {
      if (email === undefined) {
        const { nextCursor, rows } = await listAccounts(page);
        return toPage(rows.map(toAdminUser), nextCursor);
      }
      const found = await findAccountByEmail(email);
      return toPage(found ? [toAdminUser(found)] : [], undefined);
    }),

  get: adminProcedure
    .meta({
      access,
      owns,
      openapi: {
        method: 'GET',
        path: '/admin/users/{id}',
        summary: 'Read an account',
        tags,
        output: adminUserSchema,
      },
    })
    .input(accountIdInput)
    .query(async ({ input }) => {
      const account = await findAccount(input.id);
      if (!account) throw new AppError('not_found', 'There is no such account.');
      return toAdminUser(account);
    }),

  changePlan: adminProcedure
    .meta({
      access,
      owns,
      openapi: {
        method: 'PATCH',
        path: '/admin/users/{id}',
        summary: 'Change the plan of an account',
        description:
          'Nobody pays for a plan that is given, and its limits hold at once. An account that pays for its plan is refused with `conflict`: what was paid would be lost. The owner gets a mail.',
        tags,
        output: adminUserSchema,
      },
    })
    .input(changePlanInput)
    .mutation(async ({ ctx, input: { id, ...change } }) =>
      toAdminUser(await givePlan(id, change, ctx)),
    ),

  suspend: adminProcedure
    .meta({
      access,
      owns,
      openapi: {
        method: 'POST',
        path: '/admin/users/{id}/suspend',
        summary: 'Suspend an account',
        description:
          'Its sessions end at once, and its keys are refused with `account_suspended` within 5 seconds. Accepted jobs end as they would, and plan and billing go on. The owner gets a mail.',
        tags,
        output: adminUserSchema,
      },
    })
    .input(suspendInput)
    .mutation(async ({ ctx, input: { id, reason } }) => {
      if (id === ctx.actor.account.id)
        throw new AppError('conflict', 'You cannot suspend the account that you are signed in to.');
      return toAdminUser(await suspendAccount(id, reason, ctx));
    }),

  restore: adminProcedure
    .meta({
      access,
      owns,
      openapi: {
        method: 'POST',
        path: '/admin/users/{id}/restore',
        summary: 'Restore a suspended account',
        description: 'Its keys are accepted again within 5 seconds; people sign in anew.',
        tags,
        output: adminUserSchema,
      },
    })
    .input(accountIdInput)
    .mutation(async ({ ctx, input: { id } }) => toAdminUser(await restoreAccount(id, ctx))),
});
