import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { portOf } from './check-url.ts';
import type { Egress } from './egress.ts';
import { EgressRefusedError, EgressTimeoutError } from './errors.ts';
import { createProxyJob, type DeniedRequest, isRefusal, type ProxyJob } from './proxy-job.ts';
import { type Relay, relayRequest, relayTunnel, relayUpgrade } from './proxy-relay.ts';

export type { DeniedRequest } from './proxy-job.ts';

export type EgressProxyOptions = {
  egress: Egress;
  /** Called for each entry of `denied` as it comes. */
  onDenied?: (denied: DeniedRequest) => void;
  /** Requests and tunnels that a job may ask for, refused ones included. Default 100. */
  maxRequests?: number;
  /** Bytes of bodies and tunnels in both directions. Default 50 MiB. */
  maxBytes?: number;
};

export type EgressProxy = {
  /** On 127.0.0.1 only. */
  readonly port: number;
  /** What the current job was refused; at most 100 entries. */
  readonly denied: readonly DeniedRequest[];
  /** What has passed for the current job. */
  readonly bytes: number;
  /** Begins a new job: counters at zero, and no connection of the old one is left. */
  reset: () => void;
  close: () => Promise<void>;
};

/**
 * Starts the proxy through which one browser slot reaches the world, one job at a time. Each
 * tunnel and each plain request is checked and pinned by the guard; a refusal is a 403 with
 * `X-Nebula-Denied: <reason>`. Inside a TLS tunnel bytes are counted, but not requests.
 *
 * @example
 * const proxy = await startEgressProxy({ egress });
 * const flags = [`--proxy-server=127.0.0.1:${proxy.port}`, '--proxy-bypass-list=<-loopback>'];
 */
export async function startEgressProxy(options: EgressProxyOptions): Promise<EgressProxy> {
  const { egress, onDenied, maxRequests = 100, maxBytes = 50 * 1024 * 1024 } = options;
  const newJob = () => createProxyJob({ maxRequests, maxBytes, onDenied });
  let job = newJob();
  let port = 0;
  const server = createServer({ headersTimeout: 10_000, keepAliveTimeout: 5_000 });
  server.maxConnections = 512;
  server.on('connection', (socket: Socket) => job.track(socket));
  server.on('clientError', (_error, client) => {
    client.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n', () => client.destroy());
  });
  serveJob(server, () => ({ egress, job, ownPort: port }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address ? address.port : 0;
  return {
    port,
    get denied() {
      return job.denied;
    },
    get bytes() {
      return job.bytes;
    },
    reset: () => {
      job.end();
      job = newJob();
    },
    close: async () => {
      job.end();
      server.close();
      await once(server, 'close');
    },
  };
}

type Context = { egress: Egress; job: ProxyJob; ownPort: number };

function serveJob(server: Server, current: () => Context): void {
  server.on('connect', async (request: IncomingMessage, client: Duplex, head: Buffer) => {
    const context = current();
    const url = request.url ?? '';
    try {
      context.job.admit();
      const { host, port } = parseAuthority(url);
      const relay = await openRelay(host, port, url, context);
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      relayTunnel(client, head, relay);
    } catch (error) {
      refuseRaw(client, error, url, context.job);
    }
  });
  server.on('upgrade', async (request: IncomingMessage, client: Duplex, head: Buffer) => {
    const context = current();
    const url = request.url ?? '';
    try {
      const { target, relay } = await openHttpRelay(url, context);
      await relayUpgrade(request, client, head, target, relay);
    } catch (error) {
      refuseRaw(client, error, url, context.job);
    }
  });
  server.on('request', async (request, response) => {
    const context = current();
    const url = request.url ?? '';
    try {
      const { target, relay } = await openHttpRelay(url, context);
      await relayRequest(request, response, target, relay);
    } catch (error) {
      refuseResponse(response, error, url, context.job);
    }
  });
}

function parseAuthority(authority: string): { host: string; port: number } {
  const parts = /^(?<host>\[[^\]]*\]|[^:]+):(?<port>\d{1,5})$/.exec(authority)?.groups;
  if (!parts?.host) throw new EgressRefusedError('malformed_url', { url: authority });
  return { host: parts.host, port: Number(parts.port) };
}

async function openHttpRelay(
  url: string,
  context: Context,
): Promise<{ target: URL; relay: Relay }> {
  context.job.admit();
  const target = context.egress.check(url);
  // A page's https goes through a tunnel; a plain request for it would have us see its content.
  if (target.protocol !== 'http:') throw new EgressRefusedError('scheme_not_allowed', { url });
  const relay = await openRelay(target.hostname, portOf(target), url, context);
  return { target, relay };
}

async function openRelay(
  host: string,
  port: number,
  url: string,
  { egress, job, ownPort }: Context,
): Promise<Relay> {
  // Whatever the operator allows, the proxy never reaches itself.
  if (port === ownPort) throw new EgressRefusedError('private_address', { url });
  const upstream = await egress.connect(host, port, job.signal);
  job.track(upstream);
  return { upstream, job, url };
}

type Refusal = { status: 403 | 502 | 504; headers: Record<string, string>; body: string };

// The body is one line feed: a browser shows its own error page for an empty one.
function refusalFor(error: unknown): Refusal {
  const status = isRefusal(error) ? 403 : error instanceof EgressTimeoutError ? 504 : 502;
  const headers: Record<string, string> = {
    'Content-Type': 'text/plain',
    'Content-Length': '1',
    Connection: 'close',
  };
  if (isRefusal(error)) headers['X-Nebula-Denied'] = error.reason;
  return { status, headers, body: '\n' };
}

function refuseResponse(response: ServerResponse, error: unknown, url: string, job: ProxyJob) {
  job.noteRefusal(error, url);
  if (response.headersSent) return response.destroy();
  const { status, headers, body } = refusalFor(error);
  response.writeHead(status, headers).end(body);
}

function refuseRaw(client: Duplex, error: unknown, url: string, job: ProxyJob) {
  job.noteRefusal(error, url);
  const { status, headers, body } = refusalFor(error);
  const reason = { 403: 'Forbidden', 502: 'Bad Gateway', 504: 'Gateway Timeout' }[status];
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const text = [`HTTP/1.1 ${status} ${reason}`, ...lines, '', body].join('\r\n');
  client.end(text, () => client.destroy());
}
