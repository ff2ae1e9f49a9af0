import { planIds } from '@nebula/contract/plans';
import { z } from 'zod';
import { isoTime } from '../../platform/clock.ts';
import { idSchema } from '../../platform/ids.ts';
import type { Account } from '../account/service.ts';
import { emailInput, toPublicUser, userSchema } from './schema.ts';

const id = idSchema('usr').describe('Id of the account.');

export const accountIdInput = z.strictObject({ id });

export const suspendInput = z.strictObject({
  id,
  reason: z
    .string()
    .trim()
    .min(1, 'Expected a reason.')
    .max(500)
    .describe('Why; the owner reads it in a mail, and the audit log keeps it.'),
});

export const changePlanInput = z.strictObject({
  id,
  plan: z.enum(planIds).describe('Its limits hold at once.'),
  reason: suspendInput.shape.reason,
});

export const accountListInput = z.strictObject({
  email: emailInput.optional().describe('The account of this address alone.'),
  limit: z.int().min(1).max(100).default(20).describe('Accounts in one answer.'),
  cursor: z
    .string()
    .max(512)
    .optional()
    .describe('`next_cursor` of the answer before; none for the newest accounts.'),
});

export const adminUserSchema = userSchema.extend({
  is_verified: z.boolean().describe('Whether the address was confirmed.'),
  suspended_at: z.iso.datetime().nullable(),
  suspended_reason: z.string().nullable(),
});

export const adminUserListSchema = z.object({
  data: z.array(adminUserSchema),
  has_more: z.boolean().describe('Whether there is another page.'),
  next_cursor: z.string().nullable().describe('Where the next page begins; null on the last.'),
});

export function toAdminUser(account: Account): z.infer<typeof adminUserSchema> {
  const { isUnverified, suspendedAt, suspendedReason } = account;
  return {
    ...toPublicUser(account),
    is_verified: !isUnverified,
    suspended_at: suspendedAt === undefined ? null : isoTime(suspendedAt),
    suspended_reason: suspendedReason ?? null,
  };
}
