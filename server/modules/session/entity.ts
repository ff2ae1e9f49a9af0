import { Entity } from 'electrodb';

/** A sign-in on one device, in the dashboard or by tokens; the row is gone when it ends. */
export const sessionEntity = new Entity({
  model: { entity: 'session', version: '1', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true, readOnly: true },
    id: { type: 'string', required: true, readOnly: true },
    kind: { type: ['browser', 'token'] as const, required: true, readOnly: true },
    /** `Firefox on Linux`, as the user agent says. */
    device: { type: 'string', required: true },
    address: { type: 'string', required: true },
    /** How often its refresh token was rotated; the token of this generation is the good one. */
    generation: { type: 'number', required: true, default: 0 },
    rotatedAt: { type: 'number' },
    /** Of the account's passwords, when it began or was kept; below the one of now, it has ended. */
    passwordGeneration: { type: 'number' },
    /** Until then its owner, who has just shown the password, may link another way to sign in. */
    linkUntil: { type: 'number' },
    createdAt: { type: 'number', required: true, readOnly: true },
    lastUsedAt: { type: 'number', required: true },
    /** Seconds; DynamoDB removes the row some time after. */
    expiresAt: { type: 'number', required: true },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['id'], casing: 'none' },
    },
  },
});
