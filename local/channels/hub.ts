import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { encodeFrame, type Frame, isCache, isPresence } from './protocol.ts';
import type { Client } from './socket.ts';
import type { Member, Store } from './store.ts';

/** Who listens to what in this process, and how events reach the others. */
export type Hub = {
  store: Store;
  subscribe: (channel: string, client: Client, member?: Member) => Promise<void>;
  unsubscribe: (channel: string, client: Client) => Promise<void>;
  /** Sends to every subscriber of every process but the one socket named. */
  publish: (channel: string, frame: Frame, exceptSocketId?: string) => Promise<void>;
  /** Ends every connection of a user, in every process. */
  terminateUser: (userId: string) => Promise<void>;
  addClient: (client: Client) => void;
  removeClient: (client: Client) => void;
  /** Says that this process lives, and tells of members whose process does not. */
  keepAlive: () => Promise<void>;
};

type Message =
  | { kind: 'event'; channel: string; text: string; except?: string }
  | { kind: 'terminate'; userId: string };

export function createHub(store: Store, redis?: { publisher: Redis; subscriber: Redis }): Hub {
  const channels = new Map<string, Map<Client, Member | undefined>>();
  const clients = new Set<Client>();
  const origin = randomUUID();
  const topic = 'channels:events';

  const deliver = (message: Message) => {
    if (message.kind === 'terminate') {
      for (const client of clients) if (client.userId === message.userId) client.terminate();
      return;
    }
    for (const client of channels.get(message.channel)?.keys() ?? [])
      if (client.id !== message.except) client.sendText(message.text);
  };

  redis?.subscriber.subscribe(topic).catch(() => {});
  redis?.subscriber.on('message', (_topic, text) => {
    const { from, message } = JSON.parse(text) as { from: string; message: Message };
    if (from !== origin) deliver(message);
  });

  const spread = async (message: Message) => {
    deliver(message);
    await redis?.publisher.publish(topic, JSON.stringify({ from: origin, message }));
  };

  const publish: Hub['publish'] = async (channel, frame, except) => {
    const text = encodeFrame({ ...frame, channel });
    if (isCache(channel) && !frame.event.startsWith('pusher')) await store.saveLast(channel, text);
    await spread({ kind: 'event', channel, text, except });
  };

  return {
    store,
    publish,
    subscribe: async (channel, client, member) => {
      const present = channels.get(channel) ?? new Map<Client, Member | undefined>();
      channels.set(channel, present.set(client, member));
      await store.join(channel, client.id);
      if (!member) return;
      const isNew = await store.addMember(channel, member, client.id);
      const data = { user_id: member.userId, user_info: member.info };
      if (isNew) await publish(channel, { event: 'pusher_internal:member_added', data }, client.id);
    },
    unsubscribe: async (channel, client) => {
      const present = channels.get(channel);
      const member = present?.get(client);
      if (!present?.delete(client)) return;
      if (present.size === 0) channels.delete(channel);
      await store.leave(channel, client.id);
      if (!member || !isPresence(channel)) return;
      const isGone = await store.removeMember(channel, member.userId, client.id);
      const data = { user_id: member.userId };
      if (isGone) await publish(channel, { event: 'pusher_internal:member_removed', data });
    },
    terminateUser: (userId) => spread({ kind: 'terminate', userId }),
    addClient: (client) => clients.add(client),
    removeClient: (client) => clients.delete(client),
    keepAlive: async () => {
      for (const { channel, userId } of await store.keepAlive())
        await publish(channel, {
          event: 'pusher_internal:member_removed',
          data: { user_id: userId },
        });
    },
  };
}
