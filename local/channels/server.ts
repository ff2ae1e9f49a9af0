import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';
import { serveApi } from './http-api.ts';
import { createHub } from './hub.ts';
import { encodeFrame, errorCodes, errorFrame, maxFrameBytes } from './protocol.ts';
import type { App } from './signature.ts';
import { serveSocket } from './socket.ts';
import { beatMilliseconds, createMemoryStore, createRedisStore } from './store.ts';

export type ChannelsOptions = App & {
  /** 0 for any free port. */
  port: number;
  /** Joins several processes to one. */
  redisUrl?: string;
  /** How often a process of several says that it lives. */
  beatMilliseconds?: number;
  /** Who has neither signed in nor joined a private channel by then is let go; nobody unless said. */
  authorizeMilliseconds?: number;
};

/** Starts a Channels server on loopback, for one app. */
export async function startChannels(
  options: ChannelsOptions,
): Promise<{ port: number; close: () => Promise<void> }> {
  const { beatMilliseconds: beat = beatMilliseconds, redisUrl } = options;
  const redis = redisUrl
    ? { publisher: new Redis(redisUrl), subscriber: new Redis(redisUrl) }
    : undefined;
  for (const client of Object.values(redis ?? {})) client.on('error', () => {});
  const hub = createHub(
    redis ? createRedisStore(redis.publisher, { beat }) : createMemoryStore(),
    redis,
  );
  const keepAlive = () => hub.keepAlive().catch(() => {});
  await keepAlive();
  const beating = setInterval(keepAlive, beat);
  const server = createServer(
    (request, response) => void serveApi(request, response, options, hub),
  );
  const sockets = new WebSocketServer({ server, maxPayload: maxFrameBytes });
  sockets.on('connection', (socket, request) => {
    const key = /^\/app\/([^/?]+)/.exec(request.url ?? '')?.[1];
    if (key === options.key) return serveSocket(socket, options, hub);
    socket.send(encodeFrame(errorFrame(errorCodes.unknownApp, 'There is no app with this key.')));
    socket.close(errorCodes.unknownApp);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      clearInterval(beating);
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      for (const client of Object.values(redis ?? {})) client.disconnect();
    },
  };
}
