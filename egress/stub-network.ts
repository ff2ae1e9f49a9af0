import { once } from 'node:events';
import { connect, type Server } from 'node:net';
import { onTestFinished } from 'vitest';
import type { EgressPolicy } from './policy.ts';

/** A policy for tests whose names and connections end on this machine, and what was asked of it. */
export type StubNetwork = EgressPolicy & {
  /** Every name that the resolver was asked for. */
  asked: string[];
  /** Every `address:port` that was dialled. */
  dialled: string[];
};

export const publicAddress = '93.184.216.34';

/** All names are public and all connections reach the server on `port`. */
export function stubNetwork(port: number, policy: Partial<EgressPolicy> = {}): StubNetwork {
  const asked: string[] = [];
  const dialled: string[] = [];
  const { resolve = async () => [publicAddress], ...rest } = policy;
  return {
    ports: [80, 443],
    allow: [],
    ...rest,
    asked,
    dialled,
    resolve: (host) => {
      asked.push(host);
      return resolve(host);
    },
    dial: (address, dialledPort) => {
      dialled.push(`${address}:${dialledPort}`);
      return connect({ port, host: '127.0.0.1' });
    },
  };
}

/** Listens on a free loopback port until the test is over. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new Set<{ destroy: () => void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('The server has no port.');
  return address.port;
}
