import type { RealtimeEnvelope, RealtimeEvent } from '@nebula/contract/realtime';
import PusherModule from 'pusher-js';
import { expect } from 'vitest';
import { createRealtime, type Realtime } from '#components/realtime/connection.ts';
import { type Credentials, call } from './callers.ts';
import { currentPids, stack } from './stack.ts';

type PusherClient = InstanceType<typeof PusherModule>;
const Pusher = ((PusherModule as { default?: unknown }).default ??
  PusherModule) as typeof PusherModule;

/** Where the channels server of the stack listens. */
export const channelsSettings = {
  key: stack.env.PUSHER_KEY ?? '',
  host: stack.env.PUSHER_HOST ?? '',
  port: Number(stack.env.PUSHER_PORT),
  isTls: false,
};

/** Asks for a signature over the public API. */
export const askToJoin = (as: Credentials, channel: unknown, socketId: unknown = '1.1') =>
  call('POST', '/realtime/auth', as, { socket_id: socketId, channel_name: channel });

/** The connection of a page, as somebody. */
export function pageOf(as: Credentials): Realtime {
  return createRealtime(channelsSettings, async ({ channel_name, socket_id }) => {
    const { json, status, text } = await askToJoin(as, channel_name, socket_id);
    if (status !== 200) throw Object.assign(new Error(text), { data: { httpStatus: status } });
    return json;
  });
}

/** Notes what a page hears from a channel; resolves when the channel is heard. */
export async function noteEvents(
  page: Realtime,
  channel: string,
  events: readonly RealtimeEvent[],
): Promise<(RealtimeEnvelope & { event: RealtimeEvent })[]> {
  const noted: (RealtimeEnvelope & { event: RealtimeEvent })[] = [];
  for (const event of events)
    page.listen(channel, event, (data) => void noted.push({ ...data, event }));
  await expect.poll(() => page.isLive(channel), { timeout: 15_000, interval: 20 }).toBe(true);
  return noted;
}

/** A client of Pusher's own make, which leaves nothing out. */
export async function bareClient(as: Credentials, channel: string) {
  const { host, key, port } = channelsSettings;
  const client: PusherClient = new Pusher(key, {
    cluster: 'none',
    wsHost: host,
    wsPort: port,
    forceTLS: false,
    enabledTransports: ['ws'],
    channelAuthorization: {
      customHandler: ({ channelName, socketId }, callback) =>
        void askToJoin(as, channelName, socketId).then(({ json, status }) =>
          status === 200 ? callback(null, json) : callback(new Error(`${status}`), null),
        ),
    },
  });
  const heard: { event: string; data: RealtimeEnvelope }[] = [];
  const room = client.subscribe(channel);
  await new Promise<void>((resolve, reject) => {
    room.bind('pusher:subscription_succeeded', () => resolve());
    room.bind('pusher:subscription_error', reject);
  });
  room.bind_global((event: string, data: RealtimeEnvelope) => {
    if (!event.startsWith('pusher')) heard.push({ event, data });
  });
  return { heard, close: () => client.disconnect() };
}

/** The channels server; the same process as long as nothing has ended it. */
export function channelsPid(): number {
  const pid = currentPids().channels;
  if (!pid) throw new Error('The channels server is not running.');
  return pid;
}

export const areChannelsUp = () =>
  fetch(`${stack.addresses.channels}/_health`, { signal: AbortSignal.timeout(500) }).then(
    ({ ok }) => ok,
    () => false,
  );

async function waitingRows(channel: string) {
  const { database } = await import('#server/database.ts');
  const { data } = await database()
    .realtimeEvent.query.due({ queue: 'pending' })
    .go({ pages: 'all' });
  return data.filter(({ channels }) => channels.includes(channel));
}

/** Names of the events that wait in the outbox for a channel. */
export const waitingFor = async (channel: string): Promise<string[]> =>
  (await waitingRows(channel)).map(({ event }) => event);

/** Lets what waits for a channel be due now. */
export async function hasten(channel: string): Promise<void> {
  const rows = await waitingRows(channel);
  const { database } = await import('#server/database.ts');
  for (const { id } of rows)
    await database()
      .realtimeEvent.patch({ id })
      .set({ dueAt: String(Date.now()), queue: 'pending' })
      .go();
}
