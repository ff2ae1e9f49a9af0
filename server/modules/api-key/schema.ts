import { scopeNames } from '@nebula/contract/scopes';
import { z } from 'zod';
import { isoTime } from '../../platform/clock.ts';
import { idSchema } from '../../platform/ids.ts';
import { isAddressRange } from './addresses.ts';
import type { KeyMode } from './key-format.ts';

/** What the owner decides about a key; absent means no limit of its own. */
export type KeySettings = {
  name: string;
  scopes: string[];
  isEnabled: boolean;
  /** Milliseconds. */
  validUntil?: number;
  allowedAddresses?: string[];
  requestsPerMinute?: number;
  monthlyCap?: number;
};

/** A secret that another has followed, and until when it is accepted (milliseconds). */
export type OldSecret = { hash: string; validUntil: number };

/** A stored key. */
export type KeyRow = KeySettings & {
  id: string;
  accountId: string;
  mode: KeyMode;
  hash: string;
  last4: string;
  oldSecrets?: OldSecret[];
  lastUsedAt?: number;
  watch?: 'expiring';
  warnAt?: number;
  createdAt: number;
  revision: number;
};

const maxGraceSeconds = 7 * 24 * 60 * 60;

const name = z.string().trim().min(1).max(100).describe('What the key is for.');
const scopes = z
  .array(z.enum(scopeNames))
  .max(scopeNames.length)
  .transform((list) => [...new Set(list)])
  .describe('What the key may do. `tools:run` covers every tool.');
const address = z
  .string()
  .max(43)
  .refine(isAddressRange, 'Expected an address or a range such as 203.0.113.7 or 2001:db8::/32.');

const limits = {
  expires_at: z.iso
    .datetime({ offset: true })
    .nullable()
    .describe('From then on the key is refused; null: never.'),
  is_enabled: z.boolean().describe('Whether the key is accepted.'),
  allowed_addresses: z
    .array(address)
    .max(50)
    .describe('IPv4 and IPv6 addresses and ranges that may use the key; empty: all.'),
  requests_per_minute: z
    .int()
    .min(1)
    .max(10_000)
    .nullable()
    .describe('Its own limit, within that of the plan; null: that of the plan.'),
  monthly_cap: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .nullable()
    .describe('Units that the key may use in a month (UTC); null: the quota of the account.'),
};

const id = idSchema('key').describe('Id of the key.');

export const keyIdInput = z.strictObject({ id });

export const createInput = z.strictObject({
  name,
  mode: z
    .enum(['live', 'test'])
    .default('live')
    .describe(
      'What test keys make carries a mark. They are not billed and make ten calls a minute.',
    ),
  scopes: scopes.default(['tools:run', 'usage:read']),
  ...z.strictObject(limits).partial().shape,
});

export const updateInput = z.strictObject({
  id,
  ...z.strictObject({ name, scopes, ...limits }).partial().shape,
});

export const rotateInput = z.strictObject({
  id,
  grace_seconds: z
    .int()
    .min(0)
    .max(maxGraceSeconds)
    .default(24 * 60 * 60)
    .describe(
      'So long the secret before is accepted too, and any older one at the most; 0 ends them at once.',
    ),
});

export const keySchema = z.object({
  id: z.string(),
  object: z.literal('api_key'),
  name: z.string(),
  mode: z.enum(['live', 'test']),
  prefix: z.string(),
  last4: z.string(),
  scopes: z.array(z.string()),
  is_enabled: z.boolean(),
  expires_at: z.string().nullable(),
  allowed_addresses: z.array(z.string()),
  requests_per_minute: z.int().nullable(),
  monthly_cap: z.int().nullable(),
  previous_secret_expires_at: z.string().nullable(),
  last_used_at: z.string().nullable(),
  created_at: z.string(),
});

export const keyListSchema = z.object({ data: z.array(keySchema) });
export const keyWithSecretSchema = z.object({
  ...keySchema.shape,
  key: z.string().describe('The secret. It is shown this once.'),
});
export const deletedKeySchema = z.object({
  id: z.string(),
  object: z.literal('api_key'),
  deleted: z.literal(true),
});

export function toPublicKey(row: KeyRow): z.infer<typeof keySchema> {
  return {
    id: row.id,
    object: 'api_key',
    name: row.name,
    mode: row.mode,
    prefix: `nb_${row.mode}_`,
    last4: row.last4,
    scopes: row.scopes,
    is_enabled: row.isEnabled,
    expires_at: timeOrNull(row.validUntil),
    allowed_addresses: row.allowedAddresses ?? [],
    requests_per_minute: row.requestsPerMinute ?? null,
    monthly_cap: row.monthlyCap ?? null,
    previous_secret_expires_at: timeOrNull(row.oldSecrets?.at(-1)?.validUntil),
    last_used_at: timeOrNull(row.lastUsedAt),
    created_at: isoTime(row.createdAt),
  };
}

/** The settings that an input names; what is null or empty there has no limit any more. */
export function toSettings(input: Omit<z.infer<typeof updateInput>, 'id'>): Partial<KeySettings> {
  const settings: Partial<KeySettings> = {};
  if (input.name !== undefined) settings.name = input.name;
  if (input.scopes !== undefined) settings.scopes = input.scopes;
  if (input.is_enabled !== undefined) settings.isEnabled = input.is_enabled;
  if (input.expires_at !== undefined)
    settings.validUntil = input.expires_at === null ? undefined : Date.parse(input.expires_at);
  if (input.allowed_addresses !== undefined)
    settings.allowedAddresses =
      input.allowed_addresses.length > 0 ? input.allowed_addresses : undefined;
  if (input.requests_per_minute !== undefined)
    settings.requestsPerMinute = input.requests_per_minute ?? undefined;
  if (input.monthly_cap !== undefined) settings.monthlyCap = input.monthly_cap ?? undefined;
  return settings;
}

const timeOrNull = (milliseconds: number | undefined) =>
  milliseconds === undefined ? null : isoTime(milliseconds);
