import { Entity } from 'electrodb';

/** A link that was sent by mail; only its hash is kept, and the row is gone when it was used. */
export const mailTokenEntity = new Entity({
  model: { entity: 'mailToken', version: '1', service: 'nebula' },
  attributes: {
    kind: { type: ['verify', 'reset'] as const, required: true, readOnly: true },
    hash: { type: 'string', required: true, readOnly: true },
    accountId: { type: 'string', required: true, readOnly: true },
    /** Of the account's passwords, when the link was sent. */
    generation: { type: 'number', required: true, default: 0, readOnly: true },
    /** Seconds; DynamoDB removes the row some time after. */
    expiresAt: { type: 'number', required: true, readOnly: true },
  },
  indexes: {
    byHash: {
      pk: { field: 'pk', composite: ['kind', 'hash'], casing: 'none' },
      sk: { field: 'sk', composite: [], casing: 'none' },
    },
  },
});

/** A device on which the owner of an account has signed in; the first row of an account stays. */
export const ownerDeviceEntity = new Entity({
  model: { entity: 'ownerDevice', version: '1', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true, readOnly: true },
    /** The id that the browser was given; for a program its name and address; `first` once for each account. */
    device: { type: 'string', required: true, readOnly: true },
    /** Seconds; DynamoDB removes the row some time after. */
    expiresAt: { type: 'number' },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['device'], casing: 'none' },
    },
  },
});

/** An address at which the owner of an account was; guesses from elsewhere do not hold it up. */
export const ownerPlaceEntity = new Entity({
  model: { entity: 'ownerPlace', version: '1', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true, readOnly: true },
    address: { type: 'string', required: true, readOnly: true },
    /** Seconds; DynamoDB removes the row some time after. */
    expiresAt: { type: 'number', required: true },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['address'], casing: 'none' },
    },
  },
});
