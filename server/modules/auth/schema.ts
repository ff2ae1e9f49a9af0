import { z } from 'zod';
import { isoTime } from '../../platform/clock.ts';
import { type Account, canonicalEmail } from '../account/service.ts';
import type { Session } from '../session/service.ts';

/** One address in one spelling; what is not an address by the letter is refused. */
export const emailInput = z
  .string()
  .max(320)
  .transform(canonicalEmail)
  .pipe(z.email('Expected an address such as ada@example.com.').max(254))
  .describe('E-mail address.');

export const passwordInput = z
  .string()
  .min(8, 'Expected a password of at least 8 characters.')
  .refine((text) => new TextEncoder().encode(text).length <= 72, {
    error: 'Expected a password of at most 72 bytes.',
  })
  .refine((text) => !text.includes('\0'), { error: 'Expected a password without NUL.' })
  .describe('8 characters to 72 bytes.');

export const nameInput = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]*$/u, 'Expected one line of text.')
  .describe('Name of a person or a company.');

export const registerInput = z.strictObject({
  email: emailInput,
  password: passwordInput,
  name: nameInput,
});

/** A wrong password is wrong, however long it is. */
export const loginInput = z.strictObject({ email: emailInput, password: z.string().max(1_000) });

export const refreshInput = z.strictObject({ refresh_token: z.string().max(512) });

export const tokenInput = z.strictObject({ token: z.string().max(128) });

export const emailOnlyInput = z.strictObject({ email: emailInput });

export const resetInput = z.strictObject({ token: z.string().max(128), password: passwordInput });

export const userSchema = z.object({
  id: z.string(),
  object: z.literal('user'),
  email: z.string(),
  name: z.string(),
  role: z.string(),
  plan: z.string(),
  google_email: z.string().nullable().describe('The Google account that signs in here.'),
  has_password: z.boolean(),
  created_at: z.iso.datetime(),
});

export function toPublicUser(account: Account): z.infer<typeof userSchema> {
  const { createdAt, email, googleEmail, id, isPasswordless, name, plan, role } = account;
  return {
    id,
    object: 'user',
    email,
    name,
    role,
    plan,
    google_email: googleEmail ?? null,
    has_password: !isPasswordless,
    created_at: isoTime(createdAt),
  };
}

export const tokensSchema = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.int().describe('Seconds.'),
  refresh_expires_in: z.int().describe('Seconds.'),
  user: userSchema,
});

/** The same words whatever became of a request: no answer tells whether an address has an account. */
export const acceptedSchema = z.object({ message: z.string() });

export const sessionSchema = z.object({
  id: z.string(),
  object: z.literal('session'),
  kind: z.enum(['browser', 'token']),
  device: z.string(),
  address: z.string(),
  is_current: z.boolean(),
  created_at: z.iso.datetime(),
  last_used_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
});

export function toPublicSession(
  session: Session,
  currentId: string | undefined,
): z.infer<typeof sessionSchema> {
  const { address, createdAt, device, expiresAt, id, kind, lastUsedAt } = session;
  return {
    id,
    object: 'session',
    kind,
    device,
    address,
    is_current: id === currentId,
    created_at: isoTime(createdAt),
    last_used_at: isoTime(lastUsedAt),
    expires_at: isoTime(expiresAt * 1000),
  };
}
