import {
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as openRequest,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import { EgressFailedError } from './errors.ts';
import { withoutHopHeaders } from './hop-headers.ts';
import type { ProxyJob } from './proxy-job.ts';

/** One side of a relay: the connection that the guard opened, and the job that pays for it. */
export type Relay = { upstream: Socket; job: ProxyJob; url: string };

const maxHeaderBytes = 64 * 1024;

/** Joins two connections until either ends. `head` is what the client sent ahead. */
export function relayTunnel(client: Duplex, head: Buffer, { upstream, job, url }: Relay): void {
  if (head.length > 0) client.unshift(head);
  job.meter(client, url);
  job.meter(upstream, url);
  pipeline(client, upstream, client, () => {});
}

/** Sends a plain http request on, and its answer back. Rejects before the answer's head. */
export async function relayRequest(
  request: IncomingMessage,
  response: ServerResponse,
  target: URL,
  { upstream, job, url }: Relay,
): Promise<void> {
  const headers = { ...withoutHopHeaders(request.headers), host: target.host, connection: 'close' };
  const outgoing = openOutgoing(request, target, headers, upstream);
  response.once('close', () => outgoing.destroy());
  job.meter(request, url);
  request.pipe(outgoing);
  const incoming = await headOf(outgoing, 'response');
  response.writeHead(incoming.statusCode ?? 502, {
    ...withoutHopHeaders(incoming.headers),
    connection: 'close',
  });
  job.meter(incoming, url);
  pipeline(incoming, response, () => {});
}

/** Sends a WebSocket handshake on and joins both sides. Rejects when the answer is not 101. */
export async function relayUpgrade(
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
  target: URL,
  relay: Relay,
): Promise<void> {
  const headers = {
    ...withoutHopHeaders(request.headers),
    host: target.host,
    connection: 'Upgrade',
    upgrade: request.headers.upgrade,
  };
  const outgoing = openOutgoing(request, target, headers, relay.upstream);
  client.once('close', () => outgoing.destroy());
  outgoing.end();
  const incoming = await headOf(outgoing, 'upgrade');
  client.write(rawHead(incoming), 'latin1');
  relayTunnel(client, head, relay);
}

function openOutgoing(
  request: IncomingMessage,
  target: URL,
  headers: OutgoingHttpHeaders,
  upstream: Socket,
): ClientRequest {
  return openRequest({
    createConnection: () => upstream,
    method: request.method,
    path: target.pathname + target.search,
    headers,
    setHost: false,
    maxHeaderSize: maxHeaderBytes,
  });
}

function headOf(outgoing: ClientRequest, kind: 'response' | 'upgrade'): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const fail = (cause?: unknown) => reject(new EgressFailedError('unreachable', undefined, cause));
  outgoing.on('error', fail);
  outgoing.once('close', () => fail());
  outgoing.once('response', (incoming) => {
    incoming.on('error', () => {});
    if (kind === 'response') return resolve(incoming);
    incoming.destroy();
    fail(new Error(`The handshake was answered with ${incoming.statusCode}.`));
  });
  outgoing.once('upgrade', (incoming, socket, head) => {
    if (kind === 'upgrade') {
      if (head.length > 0) socket.unshift(head);
      return resolve(incoming);
    }
    socket.destroy();
    fail(new Error('The protocol was switched without being asked.'));
  });
  return promise;
}

function rawHead(incoming: IncomingMessage): string {
  const lines = ['HTTP/1.1 101 Switching Protocols'];
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
    lines.push(`${incoming.rawHeaders[i]}: ${incoming.rawHeaders[i + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
