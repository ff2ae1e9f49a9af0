import { Entity } from 'electrodb';

/** A mail as an admin has written it anew; without a row it is as the product has it. */
export const mailTemplateEntity = new Entity({
  model: { entity: 'mailTemplate', version: '1', service: 'nebula' },
  attributes: {
    template: { type: 'string', required: true, readOnly: true },
    subject: { type: 'string', required: true },
    heading: { type: 'string', required: true },
    body: { type: 'string', required: true },
    action: { type: 'string', required: true },
    updatedAt: { type: 'number', required: true },
    /** Account of the admin. */
    updatedBy: { type: 'string', required: true },
  },
  indexes: {
    all: {
      pk: { field: 'pk', composite: [], casing: 'none' },
      sk: { field: 'sk', composite: ['template'], casing: 'none' },
    },
  },
});
