import { Entity } from 'electrodb';
import { waitingAttributes, waitingIndexes } from '../../platform/waiting-row.ts';

/** What waits to be sent to an outside system; the row is gone when it was. */
const outboxEntity = (entity: string) =>
  new Entity({
    model: { entity, version: '1', service: 'nebula' },
    attributes: {
      ...waitingAttributes,
      /** What is sent and to whom, sealed: a link in a mail is as good as a password. */
      content: { type: 'string', required: true, readOnly: true },
      createdAt: { type: 'number', required: true, readOnly: true },
    },
    indexes: waitingIndexes,
  });

export const outboxMailEntity = outboxEntity('outboxMail');
export const outboxPushEntity = outboxEntity('outboxPush');
