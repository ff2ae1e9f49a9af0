import { notificationEventNames } from '@nebula/contract/notifications';
import { Entity } from 'electrodb';

/** Something that an account should know; equal ones of an hour are one row that counts. */
export const notificationEntity = new Entity({
  model: { entity: 'notification', version: '1', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true, readOnly: true },
    id: { type: 'string', required: true, readOnly: true },
    event: { type: notificationEventNames, required: true },
    title: { type: 'string', required: true },
    text: { type: 'string', required: true },
    /** A page of the dashboard. */
    link: { type: 'string', required: true },
    count: { type: 'number', required: true },
    /** Milliseconds: when it has happened last, and up to when its owner has seen it. */
    happenedAt: { type: 'number', required: true },
    readAt: { type: 'number' },
    /** Seconds; DynamoDB removes the row some time after. */
    expiresAt: { type: 'number', required: true },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['id'], casing: 'none' },
    },
    /** The newest last, whatever hour its row was begun in. */
    byTime: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'gsi1sk', composite: ['happenedAt', 'id'], casing: 'none' },
    },
  },
});

/** What an account has chosen to hear of, and up to when it has read everything. */
export const notificationSettingsEntity = new Entity({
  model: { entity: 'notificationSettings', version: '1', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true, readOnly: true },
    /** JSON of the choices; an event that is not among them is as the contract has it. */
    preferences: { type: 'string' },
    readUntil: { type: 'number' },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: [], casing: 'none' },
    },
  },
});
