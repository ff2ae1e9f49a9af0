import { jobChannel, userChannel } from '@nebula/contract/realtime';
import { afterAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import type { Realtime } from '#components/realtime/connection.ts';
import { fixtures } from '../support/access.ts';
import { bearer, type Credentials, call, nobody, sessionOf } from '../support/callers.ts';
import { login, registered } from '../support/people.ts';
import { askToJoin, channelsSettings, hasten, noteEvents, pageOf } from '../support/realtime.ts';
import { newAccount } from '../support/stack.ts';

const patient = { timeout: 40_000, interval: 50 };

const open: { close: () => void }[] = [];
afterAll(() => {
  for (const each of open) each.close();
});

async function hearing(as: Credentials, channel: string): Promise<Realtime> {
  const page = pageOf(as);
  open.push(page);
  await noteEvents(page, channel, ['notification.created']);
  return page;
}

const sessionIds = async (as: Credentials): Promise<{ id: string }[]> =>
  (await call('GET', '/users/me/sessions', as)).json.data;

test('an open connection ends with its session, whatever ends that, and does not come back', async () => {
  const person = await registered();
  const first = (await login(person)).json;
  const channel = userChannel(first.user.id);
  const kept = await sessionOf(first.user.id);
  const keptPage = await hearing(kept, channel);
  const ends = async (as: Credentials, end: () => Promise<{ status: number }>) => {
    const page = await hearing(as, channel);
    expect((await end()).status).toBe(200);
    await expect.poll(() => page.isLive(channel), patient).toBe(false);
    expect((await askToJoin(as, channel)).status).toBe(401);
    expect((await askToJoin(as, undefined)).status).toBe(401);
    expect(page.isLive(channel)).toBe(false);
  };

  const { refresh_token } = first;
  await ends(bearer(first.access_token), () =>
    call('POST', '/auth/logout', nobody, { refresh_token }),
  );
  const before = new Set((await sessionIds(kept)).map(({ id }) => id));
  const revoked = await sessionOf(first.user.id);
  const added = (await sessionIds(kept)).find(({ id }) => !before.has(id));
  await ends(revoked, () => call('DELETE', `/users/me/sessions/${added?.id}`, kept));
  await ends(await sessionOf(first.user.id), () =>
    call('POST', '/users/me/password', kept, {
      current_password: person.password,
      password: 'another long password',
    }),
  );
  expect(keptPage.isLive(channel)).toBe(true);
  await ends(kept, () => call('DELETE', `/users/me?confirm=${person.email}`, kept));
  await expect.poll(() => keptPage.isLive(channel), patient).toBe(false);
}, 120_000);

test('who was signed for before the end and comes back after it is closed too', async () => {
  const { id } = await newAccount();
  const as = await sessionOf(id);
  const sessionId = (await sessionIds(as))[0]?.id ?? '';
  const { host, key, port } = channelsSettings;
  const socket = new WebSocket(`ws://${host}:${port}/app/${key}?protocol=7`);
  open.push(socket);
  const frames: { event: string; data: string }[] = [];
  let code = 0;
  socket.on('message', (text) => frames.push(JSON.parse(String(text))));
  socket.on('close', (reason) => {
    code = reason;
  });
  const find = (event: string) => frames.find((frame) => frame.event === event);
  await expect.poll(() => find('pusher:connection_established'), patient).toBeDefined();
  const { socket_id } = JSON.parse(find('pusher:connection_established')?.data ?? '');
  const signed = await askToJoin(as, undefined, socket_id);
  expect(JSON.parse(signed.json.user_data)).toEqual({ id: sessionId });

  expect((await call('DELETE', `/users/me/sessions/${sessionId}`, as)).status).toBe(200);
  socket.send(JSON.stringify({ event: 'pusher:signin', data: signed.json }));
  await expect.poll(() => find('pusher:signin_success'), patient).toBeDefined();
  await hasten(sessionId);
  await expect.poll(() => code, patient).toBe(4009);
}, 120_000);

test('a connection that was signed in with a key ends with the key, deleted or switched off', async () => {
  const { id, key, keyId } = await newAccount({ scopes: ['jobs:read'] });
  const person = await sessionOf(id);
  const { createApiKey } = await import('#server/modules/api-key/service.ts');
  const scopes = ['jobs:read'];
  const other = await createApiKey({ accountId: id, name: 'Other', mode: 'live', scopes });
  const job = (await fixtures.job?.(id)) ?? '';
  const pages = [await hearing(bearer(key), jobChannel(job))];
  pages.push(await hearing(bearer(other.key), jobChannel(job)));
  const live = () => pages.map((page) => page.isLive(jobChannel(job)));
  expect((await call('DELETE', `/api-keys/${keyId}`, person)).status).toBe(200);
  await expect.poll(live, patient).toEqual([false, true]);
  const off = await call('PATCH', `/api-keys/${other.id}`, person, { is_enabled: false });
  expect(off.status).toBe(200);
  await expect.poll(live, patient).toEqual([false, false]);
}, 120_000);
