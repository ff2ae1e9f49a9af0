import type { Readable } from 'node:stream';
import { Agent, buildConnector, type Dispatcher, request } from 'undici';
import { checkUrl } from './check-url.ts';
import { connectPinned, resolvePinned } from './connect.ts';
import { untilAborted, withDeadline } from './deadline.ts';
import {
  EgressError,
  EgressFailedError,
  EgressLimitError,
  EgressRefusedError,
  EgressStatusError,
  EgressTimeoutError,
} from './errors.ts';
import { withoutHopHeaders } from './hop-headers.ts';
import type { EgressPolicy } from './policy.ts';
import { acceptedEncodings, readBody } from './read-body.ts';

export type EgressFetchOptions = {
  /** The largest body that is given, counted after decoding. */
  maxBytes: number;
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Sent to the first origin only; a redirect to another one loses all of them. */
  headers?: Record<string, string>;
  /** A stream has so many bytes, is sent once, and cannot follow a redirect. */
  body?: string | Uint8Array | { stream: Readable; bytes: number };
  signal?: AbortSignal;
  /** For all of it, the last byte of the body included. Default 30 000. */
  totalTimeoutMs?: number;
  /** Without one byte from the other side. Default 10 000. */
  idleTimeoutMs?: number;
  /** Default 5. With 0 a redirect is a status like any other. */
  maxRedirects?: number;
  /** Default true: any other status is an EgressStatusError. */
  acceptOnly200?: boolean;
  /** Default false: true gives the body as it came, in whatever encoding. */
  isRaw?: boolean;
};

export type EgressResponse = {
  status: number;
  /** Lower-case names; without content-encoding and content-length when the body was decoded. */
  headers: Record<string, string | string[] | undefined>;
  /** Where the redirects ended. */
  url: string;
  /** Decoded. Ends with an EgressError when a limit is passed or the other side fails. */
  body: Readable;
};

type Run = {
  policy: EgressPolicy;
  agent: Agent;
  signal: AbortSignal;
  maxRedirects: number;
  /** What is asked for in `accept-encoding`. */
  encodings: string;
  /** Turns whatever was thrown into what the caller is promised. */
  explain: (error: unknown) => unknown;
};

type Hop = {
  url: URL;
  method: NonNullable<EgressFetchOptions['method']>;
  headers: Record<string, string>;
  body?: EgressFetchOptions['body'];
};

const maxHeaderBytes = 64 * 1024;

/** Downloads a URL through the policy. Throws EgressError, or the reason of the caller's signal. */
export async function fetchUrl(
  text: string | URL,
  options: EgressFetchOptions,
  policy: EgressPolicy,
): Promise<EgressResponse> {
  const url = checkUrl(text, policy);
  const deadline = withDeadline(options.totalTimeoutMs ?? 30_000, options.signal);
  const agent = openAgent(policy, options, deadline.signal);
  const explain = (error: unknown) => explainError(error, deadline.signal, options.maxBytes);
  const run = {
    policy,
    agent,
    signal: deadline.signal,
    explain,
    maxRedirects: options.maxRedirects ?? 5,
    encodings: options.isRaw ? 'identity' : acceptedEncodings,
  };
  const release = () => {
    deadline.clear();
    agent.destroy().catch(ignore);
  };
  try {
    const first = {
      url,
      method: options.method ?? 'GET',
      headers: ownHeaders(options.headers),
      body: options.body,
    };
    const { hop, response } = await follow(first, run);
    if ((options.acceptOnly200 ?? true) && response.statusCode !== 200) {
      throw new EgressStatusError(response.statusCode);
    }
    const { body, headers } = readBody(response, {
      method: hop.method,
      maxBytes: options.maxBytes,
      isRaw: options.isRaw ?? false,
      explain,
    });
    body.once('close', release);
    return { status: response.statusCode, headers, url: hop.url.href, body };
  } catch (error) {
    release();
    throw explain(error);
  }
}

async function follow(
  first: Hop,
  run: Run,
): Promise<{ hop: Hop; response: Dispatcher.ResponseData }> {
  let hop = first;
  for (let redirects = 0; ; redirects += 1) {
    const response = await send(hop, run);
    response.body.on('error', ignore);
    const location = response.headers.location;
    const isRedirect = [301, 302, 303, 307, 308].includes(response.statusCode);
    if (!isRedirect || run.maxRedirects === 0 || typeof location !== 'string') {
      return { hop, response };
    }
    response.body.destroy();
    if (redirects === run.maxRedirects) {
      throw new EgressRefusedError('too_many_redirects', { url: hop.url.href });
    }
    hop = nextHop(hop, response.statusCode, location, run.policy);
  }
}

function send(hop: Hop, run: Run): Promise<Dispatcher.ResponseData> {
  const { body } = hop;
  const stream = typeof body === 'object' && 'stream' in body ? body : undefined;
  const response = request(hop.url, {
    dispatcher: run.agent,
    method: hop.method,
    body: stream ? stream.stream : (body as string | Uint8Array | undefined),
    signal: run.signal,
    headers: {
      accept: '*/*',
      'user-agent': 'NebulaAPI',
      ...hop.headers,
      ...(stream ? { 'content-length': String(stream.bytes) } : {}),
      'accept-encoding': run.encodings,
    },
  });
  // undici looks at the signal only once it is connected; a handshake may stall before that.
  return untilAborted(response, run.signal);
}

function nextHop(hop: Hop, status: number, location: string, policy: EgressPolicy): Hop {
  const target = URL.parse(location, hop.url);
  if (!target) throw new EgressRefusedError('malformed_url', { url: location });
  const url = checkUrl(target, policy);
  const isSameOrigin = url.origin === hop.url.origin;
  const becomesGet = status === 303 ? hop.method !== 'HEAD' : status < 303 && hop.method === 'POST';
  if (becomesGet) {
    const { 'content-type': _type, ...headers } = hop.headers;
    return { url, method: 'GET', headers: isSameOrigin ? headers : {} };
  }
  if (isSameOrigin) return { ...hop, url };
  if (hop.body !== undefined) throw new EgressRefusedError('unsafe_redirect', { url: url.href });
  return { url, method: hop.method, headers: {} };
}

/** The caller's headers without those that frame the message or name its host. */
function ownHeaders(headers: Record<string, string> = {}): Record<string, string> {
  const refused = ['host', 'content-length', 'accept-encoding', 'expect'];
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const own = withoutHopHeaders(Object.fromEntries(lower));
  return Object.fromEntries(
    Object.entries(own).flatMap(([name, value]) =>
      typeof value === 'string' && !refused.includes(name) ? [[name, value]] : [],
    ),
  );
}

// undici never asks `connect.lookup` for a literal address, so the whole connect is ours. HTTP/1.1
// only, and one agent a download: no connection outlives it, and proxy variables are never read.
function openAgent(policy: EgressPolicy, options: EgressFetchOptions, signal: AbortSignal): Agent {
  const idleTimeoutMs = options.idleTimeoutMs ?? 10_000;
  const secure = buildConnector({ allowH2: false, timeout: idleTimeoutMs });
  return new Agent({
    allowH2: false,
    connections: 1,
    maxHeaderSize: maxHeaderBytes,
    maxResponseSize: options.maxBytes + maxHeaderBytes,
    headersTimeout: idleTimeoutMs,
    bodyTimeout: idleTimeoutMs,
    connect: (target, callback) => {
      openSocket(target, policy, idleTimeoutMs, signal).then(
        (socket) => {
          signal.addEventListener('abort', () => socket.destroy(), { once: true });
          if (target.protocol === 'https:') secure({ ...target, httpSocket: socket }, callback);
          else callback(null, socket);
        },
        (error) => callback(error, null),
      );
    },
  });
}

async function openSocket(
  target: buildConnector.Options,
  policy: EgressPolicy,
  timeoutMs: number,
  signal: AbortSignal,
) {
  const port = Number(target.port || (target.protocol === 'https:' ? 443 : 80));
  const deadline = withDeadline(timeoutMs, signal);
  try {
    const addresses = await resolvePinned(target.hostname, port, policy, deadline.signal);
    return await connectPinned(addresses, port, policy, deadline.signal);
  } finally {
    deadline.clear();
  }
}

const timeoutCodes = ['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'];

function explainError(error: unknown, signal: AbortSignal, maxBytes: number): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof EgressError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (timeoutCodes.includes(code)) return new EgressTimeoutError(error);
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return new EgressLimitError(maxBytes, error);
  return new EgressFailedError('unreachable', undefined, error);
}

function ignore(): void {}
