import { lookup } from 'node:dns/promises';
import { isIPv6, connect as netConnect, type Socket } from 'node:net';
import ipaddr from 'ipaddr.js';
import { canonicalHost, checkTarget, literalOf } from './check-url.ts';
import { classifyAddress } from './classify-address.ts';
import { untilAborted } from './deadline.ts';
import { EgressFailedError, EgressRefusedError } from './errors.ts';
import type { EgressPolicy } from './policy.ts';

const maxDialledAddresses = 3;

/**
 * Asks the resolver once and checks every member of the answer. One member that is not public
 * refuses the whole name, since its owner could choose which one is dialled.
 *
 * @returns checked addresses, IPv4 first because machines without IPv6 are common.
 */
export async function resolvePinned(
  host: string,
  port: number,
  policy: EgressPolicy,
  signal: AbortSignal,
): Promise<[string, ...string[]]> {
  const hostname = canonicalHost(host);
  const rule = checkTarget(hostname, port, policy);
  const known = rule?.address ?? literalOf(hostname);
  if (known !== undefined) return [known];
  const answer = await ask(hostname, policy.resolve ?? lookupAll, signal);
  if (!rule) assertAllPublic(answer, `${hostname}:${port}`);
  const [first, ...rest] = answer.toSorted((a, b) => Number(isIPv6(a)) - Number(isIPv6(b)));
  if (first === undefined) throw nameNotFound();
  return [first, ...rest];
}

/** Connects to the first of the checked addresses that answers; no name is resolved again. */
export async function connectPinned(
  addresses: readonly string[],
  port: number,
  policy: EgressPolicy,
  signal: AbortSignal,
): Promise<Socket> {
  let cause: unknown;
  for (const address of addresses.slice(0, maxDialledAddresses)) {
    try {
      const socket = await opened((policy.dial ?? dial)(address, port), signal);
      if (!policy.dial) assertPeer(socket, address);
      return socket;
    } catch (error) {
      if (signal.aborted || error instanceof EgressRefusedError) throw error;
      cause = error;
    }
  }
  throw new EgressFailedError('unreachable', undefined, cause);
}

/** Destroys the socket and throws unless its other end is the address that was checked. */
export function assertPeer(socket: Socket, address: string): void {
  const peer = socket.remoteAddress;
  if (peer !== undefined && normalised(peer) === normalised(address)) return;
  socket.destroy();
  const cause = new Error(`Dialled ${address}, but the peer is ${peer}.`);
  throw new EgressRefusedError('private_address', { cause });
}

function normalised(address: string): string {
  return ipaddr.parse(address).toNormalizedString();
}

/** The system's resolver, so that names of /etc/hosts are seen, and refused, as well. */
async function lookupAll(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true, verbatim: true });
  return found.map(({ address }) => address);
}

async function ask(
  hostname: string,
  resolve: (host: string) => Promise<string[]>,
  signal: AbortSignal,
): Promise<string[]> {
  try {
    return await untilAborted(resolve(hostname), signal);
  } catch (error) {
    if (signal.aborted) throw error;
    throw nameNotFound(error);
  }
}

function nameNotFound(cause?: unknown): EgressFailedError {
  const message =
    'The host name of this URL could not be resolved. Expected a name with an address.';
  return new EgressFailedError('name_not_found', message, cause);
}

function assertAllPublic(answer: string[], url: string): void {
  for (const address of answer) {
    const verdict = classifyAddress(address);
    if (verdict.isPublic) continue;
    const cause = new Error(`${url} resolves to ${address}: ${verdict.reason}`);
    throw new EgressRefusedError('private_address', { url, cause });
  }
}

function dial(address: string, port: number): Socket {
  return netConnect({ host: address, port, noDelay: true, autoSelectFamily: false });
}

/** Waits for the connection; the socket keeps an error listener, so that none can crash us. */
async function opened(socket: Socket, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = () => reject(signal.reason);
  socket.on('error', reject);
  socket.once('close', () => reject(new Error('The connection was closed.')));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  if (socket.connecting) socket.once('connect', resolve);
  else if (!socket.destroyed) resolve();
  try {
    await promise;
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
