import { planIds } from '@nebula/contract/plans';
import { Entity } from 'electrodb';

/** A person or company that uses the service. */
export const accountEntity = new Entity({
  model: { entity: 'account', version: '1', service: 'nebula' },
  attributes: {
    id: { type: 'string', required: true, readOnly: true },
    email: { type: 'string', required: true },
    name: { type: 'string', required: true },
    role: { type: ['user', 'admin'] as const, required: true, default: 'user' },
    plan: { type: planIds, required: true, default: 'free' },
    /** Nobody has opened the link in the mail yet. */
    isUnverified: { type: 'boolean' },
    /** The address of the Google account that signs in to this one. */
    googleEmail: { type: 'string' },
    /** It was made by Google, and nobody has set a password since. */
    isPasswordless: { type: 'boolean' },
    /** How often a password was set: reset links and sessions are good for the generation they are of. */
    passwordGeneration: { type: 'number' },
    /** An admin has shut it, then and for this reason. */
    isSuspended: { type: 'boolean' },
    suspendedAt: { type: 'number' },
    suspendedReason: { type: 'string' },
    /** The list of all accounts, for admins. */
    directory: { type: ['all'] as const, required: true, default: 'all', readOnly: true },
    /** Milliseconds; 30-day cycles are counted from here. */
    cycleAnchor: { type: 'number', required: true },
    createdAt: { type: 'number', required: true, readOnly: true },
    updatedAt: { type: 'number', watch: '*', set: () => Date.now() },
  },
  indexes: {
    byId: {
      pk: { field: 'pk', composite: ['id'], casing: 'none' },
      sk: { field: 'sk', composite: [], casing: 'none' },
    },
    byAge: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['directory'], casing: 'none' },
      sk: { field: 'gsi1sk', composite: ['id'], casing: 'none' },
    },
  },
});

/** A way to sign in: `password#someone@example.com` or `google#someone@example.com`. */
export const identityEntity = new Entity({
  model: { entity: 'identity', version: '1', service: 'nebula' },
  attributes: {
    provider: { type: ['google', 'password'] as const, required: true, readOnly: true },
    email: { type: 'string', required: true, readOnly: true },
    accountId: { type: 'string', required: true },
    passwordHash: { type: 'string' },
    /** Of the account when this password was set; absent in old rows. */
    passwordGeneration: { type: 'number' },
    /** Google's own id of the person; an address may be given to somebody else. */
    subject: { type: 'string', readOnly: true },
    createdAt: { type: 'number', required: true, readOnly: true },
  },
  indexes: {
    byEmail: {
      pk: { field: 'pk', composite: ['provider', 'email'], casing: 'none' },
      sk: { field: 'sk', composite: [], casing: 'none' },
    },
  },
});
