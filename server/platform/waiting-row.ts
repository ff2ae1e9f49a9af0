/** What every row has that waits to be sent to an outside system; the row is gone when it was. */
export const waitingAttributes = {
  id: { type: 'string', required: true, readOnly: true },
  /** Always the same: one list of all that waits, sorted by when it is due. */
  queue: { type: ['pending'] as const, required: true, default: 'pending' },
  attempts: { type: 'number', required: true, default: 0 },
  /** Milliseconds as 13 digits; whoever sends it moves this ahead first. */
  dueAt: { type: 'string', required: true },
  /** Seconds; what nobody could send by then is given up. */
  expiresAt: { type: 'number', required: true, readOnly: true },
} as const;

export const waitingIndexes = {
  byId: {
    pk: { field: 'pk', composite: ['id'], casing: 'none' },
    sk: { field: 'sk', composite: [], casing: 'none' },
  },
  due: {
    index: 'gsi1',
    pk: { field: 'gsi1pk', composite: ['queue'], casing: 'none' },
    sk: { field: 'gsi1sk', composite: ['dueAt', 'id'], casing: 'none' },
  },
} as const;
