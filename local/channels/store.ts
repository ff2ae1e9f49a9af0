import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';

/** Facts about channels that all processes share: members, sockets and the last event. */
export type Store = {
  /** Counts a socket in; answers how many there are. */
  join: (channel: string, socketId: string) => Promise<number>;
  leave: (channel: string, socketId: string) => Promise<number>;
  /** Adds a member's connection; true when it is the member's first. */
  addMember: (channel: string, member: Member, socketId: string) => Promise<boolean>;
  /** Removes a member's connection; true when it was the member's last. */
  removeMember: (channel: string, userId: string, socketId: string) => Promise<boolean>;
  members: (channel: string) => Promise<Member[]>;
  channels: () => Promise<Map<string, number>>;
  saveLast: (channel: string, frame: string) => Promise<void>;
  last: (channel: string) => Promise<string | undefined>;
  /**
   * Says that this process lives, and clears away what processes have left behind that do not.
   * @returns the members who are gone with them
   */
  keepAlive: () => Promise<{ channel: string; userId: string }[]>;
};

export type Member = { userId: string; info: unknown };

const lastSeconds = 30 * 60;

/** One process alone. */
export function createMemoryStore(): Store {
  const sockets = new Map<string, Set<string>>();
  const members = new Map<string, Map<string, { member: Member; sockets: Set<string> }>>();
  const last = new Map<string, string>();
  return {
    join: async (channel, socketId) => {
      const set = sockets.get(channel) ?? new Set();
      sockets.set(channel, set.add(socketId));
      return set.size;
    },
    leave: async (channel, socketId) => {
      const set = sockets.get(channel);
      set?.delete(socketId);
      if (set?.size === 0) sockets.delete(channel);
      return set?.size ?? 0;
    },
    addMember: async (channel, member, socketId) => {
      const present = members.get(channel) ?? new Map();
      members.set(channel, present);
      const known = present.get(member.userId);
      present.set(member.userId, { member, sockets: (known?.sockets ?? new Set()).add(socketId) });
      return known === undefined;
    },
    removeMember: async (channel, userId, socketId) => {
      const known = members.get(channel)?.get(userId);
      known?.sockets.delete(socketId);
      if (!known || known.sockets.size > 0) return false;
      return members.get(channel)?.delete(userId) ?? false;
    },
    members: async (channel) =>
      [...(members.get(channel)?.values() ?? [])].map(({ member }) => member),
    channels: async () => new Map([...sockets].map(([name, set]) => [name, set.size])),
    saveLast: async (channel, frame) => {
      last.set(channel, frame);
    },
    last: async (channel) => last.get(channel),
    keepAlive: async () => [],
  };
}

/** A process that says nothing for three of these is dead. */
export const beatMilliseconds = 5_000;

/**
 * Several processes: hashes in Redis hold one field for each connection, under the name of its
 * process, so that those of a process which was killed can be told from the others.
 */
export function createRedisStore(
  redis: Redis,
  { prefix = 'channels', beat = beatMilliseconds } = {},
): Store {
  const processId = randomUUID();
  const own = (socketId: string) => `${processId}/${socketId}`;
  const processesKey = `${prefix}:processes`;
  const socketsKey = (channel: string) => `${prefix}:sockets:${channel}`;
  const membersKey = (channel: string) => `${prefix}:members:${channel}`;
  const namesKey = `${prefix}:names`;
  const readMembers = async (channel: string) => {
    const rows = Object.values(await redis.hgetall(membersKey(channel)));
    const parsed = rows.map((row) => JSON.parse(row) as Member);
    return [...new Map(parsed.map((member) => [member.userId, member])).values()];
  };
  const noteLife = () => redis.zadd(processesKey, Date.now(), processId);
  const removeSockets = async (channel: string, fields: string[]) => {
    if (fields.length > 0) await redis.srem(socketsKey(channel), ...fields);
    const count = await redis.scard(socketsKey(channel));
    if (count === 0) await redis.srem(namesKey, channel);
    return count;
  };
  /** Takes a dead process out of one channel; answers who is not there any more. */
  const clear = async (channel: string, deadId: string) => {
    const isDead = (field: string) => field.startsWith(`${deadId}/`);
    await removeSockets(channel, (await redis.smembers(socketsKey(channel))).filter(isDead));
    const members = Object.entries(await redis.hgetall(membersKey(channel)));
    const dead = members.filter(([field]) => isDead(field));
    if (dead.length === 0) return [];
    await redis.hdel(membersKey(channel), ...dead.map(([field]) => field));
    const left = new Set((await readMembers(channel)).map(({ userId }) => userId));
    const users = new Set(dead.map(([, row]) => (JSON.parse(row) as Member).userId));
    return [...users].filter((userId) => !left.has(userId)).map((userId) => ({ channel, userId }));
  };
  return {
    keepAlive: async () => {
      await noteLife();
      const now = Date.now();
      const gone: { channel: string; userId: string }[] = [];
      for (const deadId of await redis.zrangebyscore(processesKey, 0, now - 3 * beat)) {
        // One of those who live clears it away.
        if ((await redis.zrem(processesKey, deadId)) === 0) continue;
        for (const channel of await redis.smembers(namesKey))
          gone.push(...(await clear(channel, deadId)));
      }
      return gone;
    },
    join: async (channel, socketId) => {
      // Nothing is in the name of a process that nobody would miss.
      await noteLife();
      await redis.sadd(socketsKey(channel), own(socketId));
      await redis.sadd(namesKey, channel);
      return redis.scard(socketsKey(channel));
    },
    leave: async (channel, socketId) => {
      return removeSockets(channel, [own(socketId)]);
    },
    addMember: async (channel, member, socketId) => {
      const before = await readMembers(channel);
      await redis.hset(membersKey(channel), own(socketId), JSON.stringify(member));
      return !before.some(({ userId }) => userId === member.userId);
    },
    removeMember: async (channel, userId, socketId) => {
      await redis.hdel(membersKey(channel), own(socketId));
      return !(await readMembers(channel)).some((member) => member.userId === userId);
    },
    members: readMembers,
    channels: async () => {
      const names = await redis.smembers(namesKey);
      const counts = await Promise.all(names.map((name) => redis.scard(socketsKey(name))));
      return new Map(names.map((name, at) => [name, counts[at] ?? 0]));
    },
    saveLast: async (channel, frame) => {
      await redis.set(`${prefix}:last:${channel}`, frame, 'EX', lastSeconds);
    },
    last: async (channel) => (await redis.get(`${prefix}:last:${channel}`)) ?? undefined,
  };
}
