import { type FileType, fileTypes } from '@nebula/contract/file-types';
import { fileSources } from '@nebula/contract/stored-file';
import { Entity } from 'electrodb';

const types = Object.keys(fileTypes) as [FileType, ...FileType[]];

/** A file of an account: announced, then ready, then without its bytes. */
export const fileEntity = new Entity({
  model: { entity: 'file', version: '1', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true, readOnly: true },
    id: { type: 'string', required: true, readOnly: true },
    /** The bytes of a file that is not `ready` are gone, or not looked at yet. */
    status: { type: ['open', 'ready', 'expired', 'deleted'] as const, required: true },
    source: { type: fileSources, required: true, readOnly: true },
    filename: { type: 'string', required: true, readOnly: true },
    /** As announced; once it is ready, as counted. */
    size: { type: 'number', required: true },
    /** As announced, if it was; once it is ready, by content. */
    type: { type: types },
    sha256: { type: 'string' },
    /** JSON of what was seen inside, once somebody has asked. */
    facts: { type: 'string' },
    /** Where the bytes of a ready file lie. */
    key: { type: 'string' },
    /** The store's own name of an upload in parts. */
    partsId: { type: 'string', readOnly: true },
    partBytes: { type: 'number', readOnly: true },
    /** Milliseconds, as the next. Bytes may still come to an address until then. */
    openUntil: { type: 'number', required: true, readOnly: true },
    createdAt: { type: 'number', required: true, readOnly: true },
    retainedUntil: { type: 'number', required: true },
    /** `held` while there may be bytes, `over` after that. */
    watch: { type: ['held', 'over'] as const, required: true },
    /** When to look, in milliseconds, padded so that it sorts. */
    dueAt: { type: 'string', required: true },
    /** Seconds; DynamoDB removes the row some time after. */
    expiresAt: { type: 'number' },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['id'], casing: 'none' },
    },
    byDueTime: {
      index: 'gsi2',
      pk: { field: 'gsi2pk', composite: ['watch'], casing: 'none' },
      sk: { field: 'gsi2sk', composite: ['dueAt', 'id'], casing: 'none' },
    },
  },
});
