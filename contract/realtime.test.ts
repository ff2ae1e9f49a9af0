import { describe, expect, test } from 'vitest';
import {
  adminOpsChannel,
  adminSupportChannel,
  channelNameSchema,
  conversationChannel,
  conversationPresenceChannel,
  jobChannel,
  readChannel,
  userChannel,
} from './realtime.ts';

const id = 'cnv_01JD8Y3K5M7N9P1Q3R5S7T9V1W';

test.each([
  [userChannel(id), { kind: 'user', id }],
  [jobChannel(id), { kind: 'job', id }],
  [conversationChannel(id), { kind: 'conversation', id }],
  [conversationPresenceChannel(id), { kind: 'presence-conversation', id }],
  [adminSupportChannel, { kind: 'admin', id: 'support' }],
  [adminOpsChannel, { kind: 'admin', id: 'ops' }],
])('%s is read as what it was made from, and the protocol takes it', (name, read) => {
  expect(readChannel(name)).toEqual(read);
  expect(channelNameSchema.safeParse(name).success).toBe(true);
});

describe('no channel of the product is', () => {
  test.each([
    '',
    'private-',
    'private-user-',
    `private-user-${id}\n`,
    `private-user-${id},${id}`,
    `x-private-user-${id}`,
    `private-encrypted-user-${id}`,
    `presence-job-${id}`,
    `presence-user-${id}`,
    'private-admin-other',
    `PRIVATE-USER-${id}`,
  ])('%j', (name) => {
    expect(readChannel(name)).toBeUndefined();
  });
});
