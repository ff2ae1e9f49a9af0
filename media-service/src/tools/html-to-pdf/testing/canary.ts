import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { Target } from './egress-vectors.ts';

/** Ports on loopback that nothing may ever reach; every connection and every packet is noted. */
export type Canary = Target & { hits: string[]; close: () => Promise<void> };

export async function startCanary(): Promise<Canary> {
  const hits: string[] = [];
  const server = createServer((socket) => {
    hits.push('a connection');
    socket.on('error', () => {});
    socket.on('data', (data) => hits.push(data.toString('latin1').split('\r\n')[0] ?? ''));
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ncanary');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const udp = createSocket('udp4', () => hits.push('a packet'));
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    udpPort: udp.address().port,
    hits,
    close: async () => {
      udp.close();
      server.close();
      await once(server, 'close');
    },
  };
}
