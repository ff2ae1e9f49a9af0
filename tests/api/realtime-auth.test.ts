import {
  adminOpsChannel,
  adminSupportChannel,
  conversationChannel,
  conversationPresenceChannel,
  jobChannel,
  userChannel,
} from '@nebula/contract/realtime';
import { beforeAll, describe, expect, test } from 'vitest';
import { fixtures } from '../support/access.ts';
import { bearer, type Credentials, call, callTrpc, nobody, sessionOf } from '../support/callers.ts';
import { newJobAccount } from '../support/jobs.ts';
import { login, registered } from '../support/people.ts';
import { askToJoin, noteEvents, pageOf } from '../support/realtime.ts';
import { api, newAccount, stack } from '../support/stack.ts';

let owner: Awaited<ReturnType<typeof newAccount>>;
let session: Credentials;
let job: string;
let otherSession: Credentials;
let adminSession: Credentials;
beforeAll(async () => {
  owner = await newJobAccount();
  session = await sessionOf(owner.id);
  job = (await fixtures.job?.(owner.id)) ?? '';
  otherSession = await sessionOf((await newAccount()).id);
  const admin = await newAccount();
  const { updateAccount } = await import('#server/modules/account/service.ts');
  await updateAccount(admin.id, { role: 'admin' });
  adminSession = await sessionOf(admin.id);
});

const statusOf = async (as: Credentials, channel: unknown, socketId?: unknown) =>
  (await askToJoin(as, channel, socketId)).status;

describe('who is signed in', () => {
  test('hears the own account and the own jobs: the server takes the signature', async () => {
    const page = pageOf(session);
    await noteEvents(page, userChannel(owner.id), ['job.created']);
    await noteEvents(page, jobChannel(job), ['job.updated']);
    page.close();
  });

  test('is signed for over tRPC too, with the same signature', async () => {
    const channel_name = userChannel(owner.id);
    const input = { channel_name, socket_id: '12.34' };
    const { json } = await callTrpc('mutation', 'realtime.authorize', session, input);
    const rest = await askToJoin(session, channel_name, '12.34');
    expect(json.result.data).toEqual(rest.json);
    expect(rest.json).toEqual({ auth: expect.stringMatching(/^nebula-local:[0-9a-f]{64}$/) });
  });

  test('may send the two fields as a form, as the client of Pusher does', async () => {
    const response = await fetch(`${api}/realtime/auth`, {
      method: 'POST',
      headers: { ...session, origin: stack.url },
      body: new URLSearchParams({ socket_id: '1.2', channel_name: userChannel(owner.id) }),
    });
    expect(response.status).toBe(200);
  });

  test.each(['other', 'admin'])(
    'does not hear an account or a job of somebody else (%s)',
    async (kind) => {
      const as = kind === 'admin' ? adminSession : otherSession;
      expect(await statusOf(as, userChannel(owner.id))).toBe(403);
      const foreign = await askToJoin(as, jobChannel(job));
      const missing = await askToJoin(as, jobChannel(job.replace(/.{8}$/, '00000000')));
      expect([foreign.status, missing.status]).toEqual([403, 403]);
      expect(foreign.json.detail).toBe(missing.json.detail);
    },
  );

  test('does not hear a conversation that nobody vouches for', async () => {
    for (const as of [session, adminSession]) {
      expect(await statusOf(as, conversationChannel('cnv_01'))).toBe(403);
      expect(await statusOf(as, conversationPresenceChannel('cnv_01'))).toBe(403);
    }
  });

  test('hears the channels of the support and the operation as an admin only', async () => {
    for (const channel of [adminSupportChannel, adminOpsChannel]) {
      expect(await statusOf(adminSession, channel)).toBe(200);
      expect(await statusOf(session, channel)).toBe(403);
    }
    expect(await statusOf(adminSession, 'private-admin-other')).toBe(403);
  });

  test('hears nothing more once the session has ended', async () => {
    const person = await registered();
    const { json } = await login(person);
    const as = bearer(json.access_token);
    const { json: me } = await call('GET', '/users/me', as);
    expect(await statusOf(as, userChannel(me.id))).toBe(200);
    await call('POST', '/auth/logout', nobody, { refresh_token: json.refresh_token });
    expect(await statusOf(as, userChannel(me.id))).toBe(401);
  });
});

describe('a key', () => {
  test('hears the jobs of its account and nothing else', async () => {
    expect(await statusOf(bearer(owner.key), jobChannel(job))).toBe(200);
    expect(await statusOf(bearer(owner.key), userChannel(owner.id))).toBe(403);
    const stranger = await newJobAccount();
    expect(await statusOf(bearer(stranger.key), jobChannel(job))).toBe(403);
  });
});

test('nobody hears nothing', async () => {
  expect(await statusOf(nobody, userChannel(owner.id))).toBe(401);
});

describe('no signature is given', () => {
  const own = () => userChannel(owner.id);
  test.each<[string, () => [channel: unknown, socketId: unknown]]>([
    ['a socket id with letters', () => [own(), '1.1:x']],
    ['a socket id of another channel', () => [own(), '1.1:private-admin-ops']],
    ['a socket id with a line break', () => [own(), '1.1\n']],
    ['a socket id without a dot', () => [own(), '11']],
    ['an empty socket id', () => [own(), '']],
    ['a number as a socket id', () => [own(), 1.1]],
    ['a list of socket ids', () => [own(), ['1.1', '1.2']]],
    ['a very long socket id', () => [own(), `${'1'.repeat(500)}.1`]],
    ['a channel with a colon', () => [`${own()}:1`, '1.1']],
    ['a channel with a line break', () => [`${own()}\n`, '1.1']],
    ['a list of channels', () => [[own()], '1.1']],
    ['an object as a channel', () => [{ name: own() }, '1.1']],
    ['an empty channel', () => ['', '1.1']],
  ])('to %s: the field is named', async (_what, input) => {
    const reply = await askToJoin(session, ...input());
    expect(reply.status, reply.text).toBe(422);
    expect(reply.text).toMatch(/socket_id|channel_name/);
    expect(reply.text).not.toContain('nebula-local:');
  });

  test.each<[string, () => string]>([
    ['an encrypted channel', () => own().replace('private-', 'private-encrypted-')],
    ['a cache channel', () => own().replace('private-', 'private-cache-')],
    ['the presence of a job', () => `presence-job-${job}`],
    ['the presence of an account', () => `presence-user-${owner.id}`],
    ['a public channel', () => `user-${owner.id}`],
    ['another spelling', () => own().toUpperCase()],
    ['two channels in one name', () => `${own()},private-admin-ops`],
    ['what the server sends to a user', () => `server-to-user-${owner.id}`],
  ])('for %s', async (_what, channel) => {
    expect(await statusOf(session, channel())).toBe(403);
  });

  test('with facts about the member that the caller makes up', async () => {
    const body = { socket_id: '1.1', channel_name: own(), user_data: '{"id":"admin"}' };
    expect((await call('POST', '/realtime/auth', session, body)).status).toBe(422);
  });
});

test('a presence channel shows who the session is of, by name and role', async () => {
  const { registerJoinRule } = await import('#server/modules/realtime/service.ts');
  const { authorizeChannel } = await import('#server/modules/realtime/authorize.ts');
  const { findAccount } = await import('#server/modules/account/service.ts');
  registerJoinRule('presence-conversation', ({ id }, name) => id === owner.id && name === 'cnv_1');
  const account = await findAccount(owner.id);
  if (!account) throw new Error('The account is missing.');
  const actor = { kind: 'session', account, sessionId: 'ses_1' } as const;
  const target = { channel: conversationPresenceChannel('cnv_1'), socketId: '1.1' };
  const { channel_data: text = '' } = await authorizeChannel(actor, target);
  expect(JSON.parse(text)).toEqual({
    user_id: owner.id,
    user_info: { name: account.name, role: 'user' },
  });
  const other = { ...target, channel: conversationPresenceChannel('cnv_2') };
  await expect(authorizeChannel(actor, other)).rejects.toMatchObject({ code: 'forbidden' });
});
