import {
  type RealtimeEnvelope,
  type RealtimeEvent,
  type RealtimeSettings,
  realtimeEnvelopeSchema,
} from '@nebula/contract/realtime';
import type Pusher from 'pusher-js';
import { authorizeWith, isPassing } from './authorize.ts';
import { type BackOff, createBackOff } from './back-off.ts';

export type Handler = (data: RealtimeEnvelope) => void;
export type Member = { id: string; info: Record<string, unknown> };
type Signature = { auth: string; channel_data?: string; user_data?: string };

/** Asks the server whether this socket may hear a channel, or, without one, whose socket it is. */
export type Authorize = (input: { socket_id: string; channel_name?: string }) => Promise<Signature>;

/** What a page hears through one connection. Every function that adds something returns its end. */
export type Realtime = {
  listen: (channel: string, event: RealtimeEvent, handler: Handler) => () => void;
  /** Called each time the channel is heard from now on: what came before has to be asked for. */
  onLive: (channel: string, handler: () => void) => () => void;
  /** Called when it has changed whether a channel is heard, or by whom. */
  onChange: (channel: string, handler: () => void) => () => void;
  isLive: (channel: string) => boolean;
  /** Who has a presence channel open; the same array until that changes. */
  members: (channel: string) => readonly Member[];
  /** Ends the connection; whoever listens after that begins a new one. */
  close: () => void;
};

type Room = {
  handlers: Set<{ event: RealtimeEvent; handler: Handler }>;
  onLive: Set<() => void>;
  onChange: Set<() => void>;
  /** Ids of the last events: each is told once, however often it comes. */
  seen: Set<string>;
  isLive: boolean;
  members: readonly Member[];
};

const maxSeen = 500;
/** A page that goes and one that comes often want the same channel. */
const lingerMilliseconds = 2_000;
const unavailableMilliseconds = 5_000;
const nobody: readonly Member[] = [];

/** The one connection of a page. It is made when somebody first listens, and comes back by itself. */
export function createRealtime(settings: RealtimeSettings, authorize: Authorize): Realtime {
  const rooms = new Map<string, Room>();
  let pusher: Pusher | undefined;
  let backOff: BackOff | undefined;
  /** Whoever signs in with this is refused, and would be again: the session has ended. */
  let isStranger = false;

  const isOpen = (socketId: string) => pusher?.connection.socket_id === socketId;
  const insist = authorizeWith(authorize, isOpen);
  const sign: Authorize = async (input) => {
    try {
      return await insist(input);
    } catch (error) {
      if (!isOpen(input.socket_id)) throw error;
      // Connected and deaf is worse than not connected.
      if (isPassing(error)) pusher?.disconnect();
      else if (input.channel_name === undefined) isStranger = true;
      throw error;
    }
  };

  const start = async () => {
    if (backOff) return;
    const own = createBackOff(() => pusher?.connect());
    backOff = own;
    const Client = await loadClient();
    // Closed meanwhile, and perhaps begun anew.
    if (backOff !== own) return;
    pusher = connect(Client, settings, sign);
    isStranger = false;
    const retreat = () =>
      // The client is in the middle of its own retry; this comes right after it.
      queueMicrotask(() => {
        if (backOff === own) pusher?.disconnect();
      });
    // Left alone, it comes back after exactly a second, and so would everybody else.
    pusher.connection.bind('connecting_in', retreat);
    pusher.connection.bind('state_change', ({ current, previous }: States) => {
      if (current === 'connected') own.reset();
      if (current === 'unavailable') retreat();
      // The client itself would never come back from a connection that the server has refused.
      if (current === 'disconnected' && backOff === own && !isStranger) own.wait();
      if (previous === 'connected') for (const room of rooms.values()) setLive(room, false);
    });
    for (const name of rooms.keys()) subscribe(name);
    // The server closes the connection when the session ends, and has to know which it is.
    pusher.signin();
  };

  const subscribe = (name: string) => {
    const channel = pusher?.subscribe(name);
    channel?.bind_global((event: string, data: unknown) => {
      const room = rooms.get(name);
      if (!room) return;
      if (!event.startsWith('pusher:')) return tell(room, event, data);
      if (name.startsWith('presence-') && 'members' in channel)
        room.members = readMembers(channel.members);
      if (event === 'pusher:subscription_succeeded') {
        setLive(room, true);
        for (const handler of room.onLive) handler();
      } else call(room.onChange);
    });
  };

  const enter = (name: string): Room => {
    const known = rooms.get(name);
    if (known) return known;
    const room: Room = {
      handlers: new Set(),
      onLive: new Set(),
      onChange: new Set(),
      seen: new Set(),
      isLive: false,
      members: nobody,
    };
    rooms.set(name, room);
    if (pusher) subscribe(name);
    else void start();
    return room;
  };

  const leaveLater = (name: string, room: Room) =>
    void setTimeout(() => {
      const isUsed = room.handlers.size + room.onLive.size + room.onChange.size > 0;
      if (isUsed || rooms.get(name) !== room) return;
      rooms.delete(name);
      pusher?.channel(name)?.unbind_global();
      pusher?.unsubscribe(name);
    }, lingerMilliseconds);

  const add = <T>(name: string, pick: (room: Room) => Set<T>, item: T) => {
    const room = enter(name);
    pick(room).add(item);
    return () => {
      pick(room).delete(item);
      leaveLater(name, room);
    };
  };

  return {
    listen: (name, event, handler) => add(name, (room) => room.handlers, { event, handler }),
    onLive: (name, handler) =>
      add(
        name,
        (room) => room.onLive,
        () => handler(),
      ),
    onChange: (name, handler) =>
      add(
        name,
        (room) => room.onChange,
        () => handler(),
      ),
    isLive: (name) => rooms.get(name)?.isLive ?? false,
    members: (name) => rooms.get(name)?.members ?? nobody,
    close: () => {
      backOff?.close();
      backOff = undefined;
      pusher?.disconnect();
      pusher = undefined;
      rooms.clear();
    },
  };
}

type States = { current: string; previous: string };

async function loadClient(): Promise<typeof Pusher> {
  const module = await import('pusher-js');
  // Node and bundlers disagree about the default export of a CommonJS package.
  const { default: inner } = module.default as unknown as { default?: typeof Pusher };
  return inner ?? module.default;
}

function connect(
  Client: typeof Pusher,
  { host, isTls, key, port }: RealtimeSettings,
  authorize: Authorize,
): Pusher {
  return new Client(key, {
    // Required by the client, and unused beside a host.
    cluster: 'none',
    wsHost: host,
    wsPort: port,
    wssPort: port,
    forceTLS: isTls,
    enabledTransports: ['ws'],
    enableStats: false,
    unavailableTimeout: unavailableMilliseconds,
    userAuthentication: {
      customHandler: ({ socketId }, callback) => {
        authorize({ socket_id: socketId }).then(
          ({ auth, user_data = '' }) => callback(null, { auth, user_data }),
          (error: Error) => callback(error, null),
        );
      },
    },
    channelAuthorization: {
      customHandler: ({ channelName, socketId }, callback) => {
        authorize({ socket_id: socketId, channel_name: channelName }).then(
          (signature) => callback(null, signature),
          (error: Error) => callback(error, null),
        );
      },
    },
  });
}

function setLive(room: Room, isLive: boolean): void {
  room.isLive = isLive;
  if (!isLive) room.members = nobody;
  call(room.onChange);
}

function tell(room: Room, event: string, raw: unknown): void {
  const { data } = realtimeEnvelopeSchema.safeParse(raw);
  if (!data || room.seen.has(data.event_id)) return;
  room.seen.add(data.event_id);
  for (const oldest of room.seen) {
    if (room.seen.size <= maxSeen) break;
    room.seen.delete(oldest);
  }
  for (const each of room.handlers) if (each.event === event) each.handler(data);
}

type Members = { each: (visit: (member: { id: string; info: unknown }) => void) => void };

function readMembers(members: unknown): readonly Member[] {
  const found: Member[] = [];
  (members as Members).each(({ id, info }) =>
    found.push({ id, info: (info ?? {}) as Record<string, unknown> }),
  );
  return found;
}

function call(handlers: ReadonlySet<() => void>): void {
  for (const handler of handlers) handler();
}
