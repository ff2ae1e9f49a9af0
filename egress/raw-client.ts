import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { createEgress, type EgressPolicy } from './egress.ts';
import { type EgressProxyOptions, startEgressProxy } from './proxy.ts';
import { listen, stubNetwork } from './stub-network.ts';

/** A proxy that is closed when the test is over. */
export async function startProxy(policy: EgressPolicy, options: Partial<EgressProxyOptions> = {}) {
  const proxy = await startEgressProxy({ egress: createEgress(policy), ...options });
  onTestFinished(() => proxy.close());
  return proxy;
}

/** Opens a raw connection to the proxy and writes to it. */
export function open(port: number, message: string | Buffer): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(message);
  return socket;
}

/** Settles when the connection has ended, in peace or not. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** Everything the proxy answers until it closes the connection. */
export async function exchange(port: number, message: string | Buffer): Promise<string> {
  const socket = open(port, message);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  await closed(socket);
  return answer;
}

export const tunnel = (authority: string) =>
  `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`;
export const get = (url: string, headers = '') =>
  `GET ${url} HTTP/1.1\r\nHost: ignored.example\r\nConnection: close\r\n${headers}\r\n`;

/** A plain web server behind every public name; `seen` holds what reached it. */
export async function website(answer: RequestListener = (_, response) => response.end('hello')) {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  return { seen, server, network: stubNetwork(await listen(server)) };
}

/** Writes for as long as the other side takes it. */
export function pour(socket: Socket, chunk = Buffer.alloc(64 * 1024)): void {
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', more);
  more();
}
