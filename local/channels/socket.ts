import { randomInt } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Hub } from './hub.ts';
import {
  activityTimeoutSeconds,
  decodeFrame,
  encodeFrame,
  errorCodes,
  errorFrame,
  type Frame,
  isCache,
  isChannelName,
  isEncrypted,
  isPresence,
  isPrivate,
  maxChannelsPerSocket,
  maxEventBytes,
} from './protocol.ts';
import { type App, isSubscriptionSigned } from './signature.ts';
import type { Member } from './store.ts';

export type Client = {
  id: string;
  userId?: string;
  sendText: (text: string) => void;
  terminate: () => void;
};

const graceSeconds = 30;

/** Serves one connection from its greeting to its end. */
export function serveSocket(
  socket: WebSocket,
  { authorizeMilliseconds, ...app }: App & { authorizeMilliseconds?: number },
  hub: Hub,
): void {
  const subscribed = new Set<string>();
  const client: Client = {
    id: `${randomInt(1, 2 ** 31)}.${randomInt(1, 2 ** 31)}`,
    sendText: (text) => socket.readyState === socket.OPEN && socket.send(text),
    terminate: () => socket.close(errorCodes.notAllowed, 'Terminated'),
  };
  const send = (frame: Frame) => client.sendText(encodeFrame(frame));
  let idle = startIdleTimer(socket);
  const unknown =
    authorizeMilliseconds &&
    setTimeout(
      () => socket.close(errorCodes.notAllowed, 'Connection not authorized within timeout'),
      authorizeMilliseconds,
    );
  // One frame after another: a client that leaves and joins again must end up joined.
  let queue: Promise<unknown> = Promise.resolve();

  hub.addClient(client);
  send({
    event: 'pusher:connection_established',
    data: { socket_id: client.id, activity_timeout: activityTimeoutSeconds },
  });

  socket.on('message', (data, isBinary) => {
    clearTimeout(idle);
    idle = startIdleTimer(socket);
    const frame = isBinary ? undefined : decodeFrame(String(data));
    if (!frame) return send(errorFrame(errorCodes.badFrame, 'Expected a frame of JSON.'));
    queue = queue
      .then(() => handle(frame))
      .catch(() => send(errorFrame(errorCodes.badFrame, 'The frame could not be handled.')));
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    clearTimeout(idle);
    clearTimeout(unknown);
    hub.removeClient(client);
    queue = queue.then(async () => {
      for (const channel of subscribed) await hub.unsubscribe(channel, client);
    });
    queue.catch(() => {});
  });

  const handle = async (frame: Frame): Promise<void> => {
    if (frame.event === 'pusher:ping') return send({ event: 'pusher:pong', data: {} });
    if (frame.event === 'pusher:pong') return;
    if (frame.event === 'pusher:subscribe') return subscribe(asRecord(frame.data));
    if (frame.event === 'pusher:signin') return signIn(asRecord(frame.data));
    if (frame.event === 'pusher:unsubscribe') {
      const { channel } = asRecord(frame.data);
      if (!isChannelName(channel) || !subscribed.delete(channel)) return;
      return hub.unsubscribe(channel, client);
    }
    if (frame.event.startsWith('client-')) return clientEvent(frame);
    send(errorFrame(errorCodes.badFrame, `Unknown event ${frame.event.slice(0, 60)}.`));
  };

  const subscribe = async ({ auth, channel, channel_data: data }: Record<string, unknown>) => {
    if (!isChannelName(channel))
      return send(errorFrame(errorCodes.badFrame, 'Invalid channel name.'));
    if (subscribed.has(channel)) return;
    const refuse = (type: string, error: string, status: number) =>
      send({ event: 'pusher:subscription_error', channel, data: { type, error, status } });
    if (subscribed.size >= maxChannelsPerSocket)
      return refuse('LimitReached', 'Too many channels.', 4100);
    const text = typeof data === 'string' ? data : undefined;
    const parts = [client.id, channel, ...(text === undefined ? [] : [text])];
    if (isPrivate(channel) && !isSubscriptionSigned(app, auth, parts))
      return refuse('AuthError', 'The signature is not valid.', 401);
    const member = isPresence(channel) ? readMember(text) : undefined;
    if (isPresence(channel) && !member)
      return refuse('AuthError', 'channel_data needs user_id.', 401);
    if (isPrivate(channel)) clearTimeout(unknown);
    subscribed.add(channel);
    await hub.subscribe(channel, client, member);
    const presence = member ? presenceData(await hub.store.members(channel)) : {};
    send({ event: 'pusher_internal:subscription_succeeded', channel, data: presence });
    if (!isCache(channel)) return;
    const last = await hub.store.last(channel);
    if (last) client.sendText(last);
    else send({ event: 'pusher:cache_miss', channel });
  };

  const signIn = async ({ auth, user_data: data }: Record<string, unknown>) => {
    const parts = [client.id, '', 'user', '', String(data)];
    const user = parseJson(data);
    if (!isSubscriptionSigned(app, auth, parts) || typeof user?.id !== 'string') {
      send(errorFrame(errorCodes.notAllowed, 'The sign-in is not valid.'));
      return socket.close(errorCodes.notAllowed);
    }
    clearTimeout(unknown);
    client.userId = user.id;
    const channel = `#server-to-user-${user.id}`;
    subscribed.add(channel);
    await hub.subscribe(channel, client);
    send({ event: 'pusher:signin_success', data: { user_data: data } });
  };

  const clientEvent = async ({ channel, data, event }: Frame) => {
    const refuse = (message: string) => send(errorFrame(errorCodes.clientEvent, message));
    if (!isChannelName(channel) || !isPrivate(channel) || isEncrypted(channel))
      return refuse('Client events need a private or presence channel.');
    if (!subscribed.has(channel)) return refuse('Client events need a subscription.');
    if (Buffer.byteLength(JSON.stringify(data) ?? '') > maxEventBytes)
      return refuse('The event is larger than 10 kB.');
    await hub.publish(channel, { event, data }, client.id);
  };
}

function startIdleTimer(socket: WebSocket): NodeJS.Timeout {
  const timer = setTimeout(
    () => socket.close(4201, 'Pong not received in time'),
    (activityTimeoutSeconds + graceSeconds) * 1000,
  );
  timer.unref();
  return timer;
}

function presenceData(members: readonly Member[]) {
  const hash = Object.fromEntries(members.map(({ info, userId }) => [userId, info ?? null]));
  return { presence: { ids: Object.keys(hash), hash, count: members.length } };
}

function readMember(text: string | undefined): Member | undefined {
  const data = parseJson(text);
  const id = data?.user_id;
  if (typeof id !== 'string' && typeof id !== 'number') return undefined;
  return { userId: String(id), info: data?.user_info };
}

function parseJson(text: unknown): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(String(text));
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
