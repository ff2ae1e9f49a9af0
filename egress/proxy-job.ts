import type { Duplex, Readable } from 'node:stream';
import { EgressRefusedError, withoutUserinfo } from './errors.ts';

/** `url` is an address, or `host:port` for a tunnel. */
export type DeniedRequest = { url: string; reason: string };

export type ProxyJobOptions = {
  maxRequests: number;
  maxBytes: number;
  onDenied?: (denied: DeniedRequest) => void;
};

/** What one job has used of its caps, and the connections that die with it. */
export type ProxyJob = {
  readonly denied: readonly DeniedRequest[];
  readonly bytes: number;
  /** Aborted when the job ends. */
  readonly signal: AbortSignal;
  /** Counts a request; throws ProxyCapError when a cap is passed. */
  admit: () => void;
  /** Counts what flows out of a stream, and cuts every connection at the cap. */
  meter: (stream: Readable, url: string) => void;
  /** Binds a connection to the job. */
  track: (socket: Duplex) => void;
  /** Writes refusals into `denied`; other failures are not the page's fault. */
  noteRefusal: (error: unknown, url: string) => void;
  end: () => void;
};

/** A job has used up what it may. */
export class ProxyCapError extends Error {
  readonly reason: 'too_many_requests' | 'too_many_bytes';

  constructor(reason: ProxyCapError['reason']) {
    super(reason);
    this.name = 'ProxyCapError';
    this.reason = reason;
  }
}

// A page can ask a million times; the list is for people.
const maxDeniedEntries = 100;

export function createProxyJob({ maxRequests, maxBytes, onDenied }: ProxyJobOptions): ProxyJob {
  const denied: DeniedRequest[] = [];
  const sockets = new Set<Duplex>();
  const life = new AbortController();
  let requests = 0;
  let bytes = 0;

  const deny = (url: string, reason: string) => {
    if (denied.length >= maxDeniedEntries || life.signal.aborted) return;
    const entry = { url: withoutUserinfo(url), reason };
    denied.push(entry);
    onDenied?.(entry);
  };
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const count = (length: number, url: string) => {
    const wasWithin = bytes <= maxBytes;
    bytes += length;
    if (bytes <= maxBytes || !wasWithin) return;
    deny(url, 'too_many_bytes');
    cut();
  };
  return {
    denied,
    get bytes() {
      return bytes;
    },
    signal: life.signal,
    admit: () => {
      requests += 1;
      if (requests > maxRequests) throw new ProxyCapError('too_many_requests');
      if (bytes > maxBytes) throw new ProxyCapError('too_many_bytes');
    },
    meter: (stream, url) => {
      stream.on('data', (chunk: Buffer) => count(chunk.length, url));
    },
    track: (socket) => {
      sockets.add(socket);
      // HTTP, both pipes and the job all listen for its end, which is more than the usual ten.
      socket.setMaxListeners(32);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => sockets.delete(socket));
      if (life.signal.aborted) socket.destroy();
    },
    noteRefusal: (error, url) => {
      if (isRefusal(error)) deny(url, error.reason);
    },
    end: () => {
      life.abort(new Error('The job of this proxy has ended.'));
      cut();
    },
  };
}

/** Whether the guard or a cap said no, as against a failure of the network. */
export function isRefusal(error: unknown): error is EgressRefusedError | ProxyCapError {
  return error instanceof EgressRefusedError || error instanceof ProxyCapError;
}
