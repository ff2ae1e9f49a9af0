import { Entity } from 'electrodb';

const readOnlyText = { type: 'string', required: true, readOnly: true } as const;

/** Billing of one account: the state of the clock, written as a whole under its version. */
export const billingEntity = new Entity({
  model: { entity: 'billing', version: '1', service: 'nebula' },
  attributes: {
    accountId: readOnlyText,
    /** BillingState as JSON. */
    state: { type: 'string', required: true },
    version: { type: 'number', required: true },
    /** Whether something of this account falls due by itself. */
    queue: { type: ['due', 'idle'] as const, required: true },
    /** Milliseconds, padded so that they sort; zero while idle. */
    dueAt: { type: 'string', required: true },
    updatedAt: { type: 'number', watch: '*', set: () => Date.now() },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: [], casing: 'none' },
    },
    byDueTime: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['queue'], casing: 'none' },
      sk: { field: 'gsi1sk', composite: ['dueAt', 'accountId'], casing: 'none' },
    },
  },
});

/** A checkout that was begun, and what its money is for. */
export const billingOrderEntity = new Entity({
  model: { entity: 'billingOrder', version: '1', service: 'nebula' },
  attributes: {
    id: readOnlyText,
    accountId: readOnlyText,
    /** `{ quote }` or `{ invoiceId }` as JSON. */
    purpose: readOnlyText,
    amount: { type: 'number', required: true, readOnly: true },
    status: { type: ['open', 'settled', 'lapsed', 'mismatch'] as const, required: true },
    createdAt: { type: 'string', required: true, readOnly: true },
    updatedAt: { type: 'number', watch: '*', set: () => Date.now() },
  },
  indexes: {
    byId: {
      pk: { field: 'pk', composite: ['id'], casing: 'none' },
      sk: { field: 'sk', composite: [], casing: 'none' },
    },
    byStatus: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['status'], casing: 'none' },
      sk: { field: 'gsi1sk', composite: ['createdAt', 'id'], casing: 'none' },
    },
    byAccount: {
      index: 'gsi2',
      pk: { field: 'gsi2pk', composite: ['accountId', 'status'], casing: 'none' },
      sk: { field: 'gsi2sk', composite: ['id'], casing: 'none' },
    },
  },
});

/** A mandate that a customer was asked for: the permission to charge each renewal. */
export const billingMandateEntity = new Entity({
  model: { entity: 'billingMandate', version: '1', service: 'nebula' },
  attributes: {
    id: readOnlyText,
    accountId: readOnlyText,
    status: { type: ['open', 'active', 'ended'] as const, required: true },
    createdAt: { type: 'string', required: true, readOnly: true },
    updatedAt: { type: 'number', watch: '*', set: () => Date.now() },
  },
  indexes: {
    byId: {
      pk: { field: 'pk', composite: ['id'], casing: 'none' },
      sk: { field: 'sk', composite: [], casing: 'none' },
    },
    byStatus: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['status'], casing: 'none' },
      sk: { field: 'gsi1sk', composite: ['createdAt', 'id'], casing: 'none' },
    },
  },
});

/** Invoices and credit notes; never changed once they are issued. */
export const billingDocumentEntity = new Entity({
  model: { entity: 'billingDocument', version: '1', service: 'nebula' },
  attributes: {
    accountId: readOnlyText,
    id: readOnlyText,
    kind: { type: ['invoice', 'credit_note'] as const, required: true, readOnly: true },
    number: readOnlyText,
    /** Invoice or CreditNote as JSON. */
    content: readOnlyText,
    issuedAt: { type: 'number', required: true, readOnly: true },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['id'], casing: 'none' },
    },
  },
});

/** The last number of a series of documents in one financial year. */
export const documentSeriesEntity = new Entity({
  model: { entity: 'documentSeries', version: '1', service: 'nebula' },
  attributes: {
    series: { type: ['INV', 'CRN'] as const, required: true, readOnly: true },
    year: readOnlyText,
    last: { type: 'number', required: true },
  },
  indexes: {
    byYear: {
      pk: { field: 'pk', composite: ['series', 'year'], casing: 'none' },
      sk: { field: 'sk', composite: [], casing: 'none' },
    },
  },
});

/** The books: entries whose lines add up to zero; never changed. */
export const ledgerEntryEntity = new Entity({
  model: { entity: 'ledgerEntry', version: '1', service: 'nebula' },
  attributes: {
    accountId: readOnlyText,
    id: readOnlyText,
    kind: readOnlyText,
    subject: readOnlyText,
    at: { type: 'number', required: true, readOnly: true },
    lines: {
      type: 'list',
      required: true,
      readOnly: true,
      items: {
        type: 'map',
        properties: {
          account: { type: 'string', required: true },
          amount: { type: 'number', required: true },
        },
      },
    },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['id'], casing: 'none' },
    },
  },
});

/** Which payment a charge of a mandate became, by Cashfree's own id; its bank may dispute it. */
export const billingChargeEntity = new Entity({
  model: { entity: 'billingCharge', version: '1', service: 'nebula' },
  attributes: { cfPaymentId: readOnlyText, accountId: readOnlyText, paymentId: readOnlyText },
  indexes: {
    byId: {
      pk: { field: 'pk', composite: ['cfPaymentId'], casing: 'none' },
      sk: { field: 'sk', composite: [], casing: 'none' },
    },
  },
});

/** What is still to be done after a change was stored; done again after a crash. */
export const billingEffectEntity = new Entity({
  model: { entity: 'billingEffect', version: '1', service: 'nebula' },
  attributes: {
    accountId: readOnlyText,
    key: readOnlyText,
    status: { type: ['pending', 'done', 'failed'] as const, required: true },
    /** BillingEffect as JSON. */
    effect: readOnlyText,
    /** Of the webhook event that it may become, so that telling it twice is telling it once. */
    eventId: { type: 'string', readOnly: true },
    createdAt: { type: 'string', required: true, readOnly: true },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['key'], casing: 'none' },
    },
    byStatus: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['status'], casing: 'none' },
      sk: { field: 'gsi1sk', composite: ['createdAt', 'key'], casing: 'none' },
    },
  },
});
