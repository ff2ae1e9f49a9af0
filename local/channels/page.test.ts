import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { type Authorize, createRealtime } from '#components/realtime/connection.ts';
import { startChannels } from './server.ts';

const app = { appId: 'app', key: 'key', secret: 'secret' };
const channel = 'private-user-1';
const patient = { timeout: 20_000, interval: 20 };

const sign: Authorize = async ({ channel_name: name, socket_id: socket }) => {
  const user = JSON.stringify({ id: '1' });
  const text = name === undefined ? `${socket}::user::${user}` : `${socket}:${name}`;
  const auth = `${app.key}:${createHmac('sha256', app.secret).update(text).digest('hex')}`;
  return name === undefined ? { auth, user_data: user } : { auth };
};
const refuse = (httpStatus: number) =>
  Promise.reject(Object.assign(new Error('refused'), { data: { httpStatus } }));

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A page, and how often it asked for something; the server lets go who has not signed in by then. */
async function openPage(authorize: Authorize, authorizeMilliseconds?: number) {
  const { close, port } = await startChannels({ ...app, port: 0, authorizeMilliseconds });
  ends.push(close);
  const sockets = new Set<string>();
  const settings = { key: app.key, host: '127.0.0.1', port, isTls: false };
  const page = createRealtime(settings, (input) => {
    sockets.add(input.socket_id);
    return authorize(input);
  });
  ends.push(page.close);
  page.listen(channel, 'notification.created', () => {});
  return { page, sockets };
}

test('a page that is refused for the moment asks again', async () => {
  let asked = 0;
  const { page, sockets } = await openPage((input) => (asked++ < 4 ? refuse(429) : sign(input)));
  await expect.poll(() => page.isLive(channel), patient).toBe(true);
  expect(sockets.size).toBe(1);
});

test('a page that was let go, since nobody could sign for it in time, comes back', async () => {
  let isDown = true;
  const { page, sockets } = await openPage((input) => (isDown ? refuse(503) : sign(input)), 100);
  await expect.poll(() => sockets.size, patient).toBeGreaterThan(2);
  isDown = false;
  await expect.poll(() => page.isLive(channel), patient).toBe(true);
});

test('a page whose session has ended stays away', async () => {
  const { page, sockets } = await openPage(() => refuse(401), 100);
  await expect.poll(() => sockets.size, patient).toBe(1);
  await delay(3_000);
  expect(sockets.size).toBe(1);
  expect(page.isLive(channel)).toBe(false);
});
