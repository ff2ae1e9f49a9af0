import { AppError } from '@nebula/contract/errors';
import { plans } from '@nebula/contract/plans';
import { z } from 'zod';
import type { Actor } from '../../context.ts';
import { clock } from '../../platform/clock.ts';
import { accountProcedure, router } from '../../trpc.ts';
import { pageUrl, queueMail } from '../mail/service.ts';
import { notifyAccount } from '../notification/service.ts';
import { assertWithinReach, type Reach } from './authority.ts';
import {
  createInput,
  deletedKeySchema,
  type KeySettings,
  keyIdInput,
  keyListSchema,
  keySchema,
  keyWithSecretSchema,
  rotateInput,
  toPublicKey,
  toSettings,
  updateInput,
} from './schema.ts';
import { createApiKey, deleteApiKey, listApiKeys, rotateApiKey, updateApiKey } from './service.ts';

type Caller = Exclude<Actor, { kind: 'anonymous' }>;

const access = { scope: 'keys:write' };
const tags: [string] = ['API keys'];

export const apiKeyRouter = router({
  list: accountProcedure
    .meta({
      access,
      openapi: {
        method: 'GET',
        path: '/api-keys',
        summary: 'List the API keys',
        description: 'Every key of the account with its limits and its last use; never a secret.',
        tags,
        output: keyListSchema,
      },
    })
    .input(z.strictObject({}))
    .query(async ({ ctx }) => ({
      data: (await listApiKeys(ctx.actor.account.id)).map(toPublicKey),
    })),

  create: accountProcedure
    .meta({
      access,
      openapi: {
        method: 'POST',
        path: '/api-keys',
        summary: 'Create an API key',
        description: 'The answer holds the secret in `key`. It is shown this once.',
        tags,
        output: keyWithSecretSchema,
        showsSecret: true,
        status: 201,
      },
    })
    .input(createInput)
    .mutation(async ({ ctx, input: { mode, name, scopes, ...limits } }) => {
      const settings = { ...toSettings(limits), name, scopes };
      assertPossible(ctx.actor, settings);
      assertMayManage(ctx.actor, { mode, ...settings });
      const accountId = ctx.actor.account.id;
      const { key, row } = await createApiKey({ accountId, mode, ...settings }, ctx);
      const url = pageUrl('/dashboard/keys');
      await queueMail(ctx.actor.account.email, 'key_created', { key: name, url });
      await notifyAccount(accountId, 'key.created', {
        title: 'A new API key',
        text: `${name} can be used now. If it was not you, delete it.`,
        link: '/dashboard/keys',
        group: row.id,
      });
      return { ...toPublicKey(row), key };
    }),

  update: accountProcedure
    .meta({
      access,
      owns: 'apiKey',
      openapi: {
        method: 'PATCH',
        path: '/api-keys/{id}',
        summary: 'Change an API key',
        description: 'Changes what is named and nothing else; in force after 5 seconds at most.',
        tags,
        output: keySchema,
      },
    })
    .input(updateInput)
    .mutation(async ({ ctx, input: { id, ...input } }) => {
      const change = toSettings(input);
      assertPossible(ctx.actor, change);
      const accountId = ctx.actor.account.id;
      const check = (before: Reach, after: Reach) => {
        assertMayManage(ctx.actor, before);
        assertMayManage(ctx.actor, after);
      };
      return toPublicKey(await updateApiKey({ accountId, id, change, check }, ctx));
    }),

  rotate: accountProcedure
    .meta({
      access,
      owns: 'apiKey',
      openapi: {
        method: 'POST',
        path: '/api-keys/{id}/rotate',
        summary: 'Rotate an API key',
        description:
          'Gives the key a new secret at once, shown this once in `key`. The one before is accepted for `grace_seconds` more; one from an earlier rotation ends then too, or at its own end before. With 0 the new secret is the only one.',
        tags,
        output: keyWithSecretSchema,
        showsSecret: true,
      },
    })
    .input(rotateInput)
    .mutation(async ({ ctx, input: { id, grace_seconds: graceSeconds } }) => {
      const accountId = ctx.actor.account.id;
      const check = (target: Reach) => assertMayManage(ctx.actor, target);
      const { key, row } = await rotateApiKey({ accountId, id, graceSeconds, check }, ctx);
      return { ...toPublicKey(row), key };
    }),

  delete: accountProcedure
    .meta({
      access,
      owns: 'apiKey',
      openapi: {
        method: 'DELETE',
        path: '/api-keys/{id}',
        summary: 'Delete an API key',
        description: 'All its secrets are refused after 5 seconds at most; work that runs ends.',
        tags,
        output: deletedKeySchema,
      },
    })
    .input(keyIdInput)
    .mutation(async ({ ctx, input: { id } }) => {
      const accountId = ctx.actor.account.id;
      const check = (target: Reach) => assertMayManage(ctx.actor, target);
      await deleteApiKey({ accountId, id, check }, ctx);
      return { id, object: 'api_key' as const, deleted: true as const };
    }),
});

/** A person may do everything; a key nothing beyond itself. */
function assertMayManage(actor: Caller, target: Reach): void {
  if (actor.kind === 'key') assertWithinReach(actor.key, target);
}

/** What the shape of the input cannot say. */
function assertPossible({ account }: Caller, settings: Partial<KeySettings>): void {
  const { requestsPerMinute, validUntil } = settings;
  if (validUntil !== undefined && validUntil <= clock.now()) {
    const message = 'Expected expires_at in the future. Use is_enabled: false to end a key now.';
    throw new AppError('invalid_input', message, { param: 'expires_at' });
  }
  const plan = plans[account.plan];
  if (requestsPerMinute !== undefined && requestsPerMinute > plan.requestsPerMinute) {
    const message = `Expected requests_per_minute between 1 and ${plan.requestsPerMinute}, the limit of the ${plan.name} plan, received ${requestsPerMinute}.`;
    throw new AppError('invalid_input', message, { param: 'requests_per_minute' });
  }
}
