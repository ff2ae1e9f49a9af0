import type { Socket } from 'node:net';
import { checkUrl } from './check-url.ts';
import { connectPinned, resolvePinned } from './connect.ts';
import { withDeadline } from './deadline.ts';
import { type EgressFetchOptions, type EgressResponse, fetchUrl } from './fetch-url.ts';
import type { EgressPolicy } from './policy.ts';

export { checkUrlHeaders } from './allow-headers.ts';
export {
  EgressError,
  type EgressErrorCode,
  EgressFailedError,
  EgressLimitError,
  EgressRefusedError,
  EgressStatusError,
  EgressTimeoutError,
} from './errors.ts';
export type { EgressFetchOptions, EgressResponse } from './fetch-url.ts';
export { type AllowRule, type EgressPolicy, parseAllowList } from './policy.ts';

const connectTimeoutMs = 10_000;

/** The one guard for connections to addresses that a user chose. */
export type Egress = {
  /** Parses and checks a URL without touching the network. Throws EgressRefusedError. */
  check: (url: string | URL) => URL;
  /** The address that would be dialled: the resolver is asked once, its whole answer is checked. */
  resolve: (host: string, port: number, signal?: AbortSignal) => Promise<string>;
  /** A connection to the checked address; refused as in `resolve`, ended by `signal` or after 10 s. */
  connect: (host: string, port: number, signal?: AbortSignal) => Promise<Socket>;
  /** Downloads a URL; every redirect is checked like the first address. */
  fetch: (url: string | URL, options: EgressFetchOptions) => Promise<EgressResponse>;
};

/**
 * Makes the guard. All its errors are EgressError, save for the reason of the caller's own signal.
 *
 * @example
 * const egress = createEgress({ ports: [80, 443], allow: [] });
 * const { body } = await egress.fetch('https://example.com/a.png', { maxBytes: 10_000_000 });
 */
export function createEgress(policy: EgressPolicy): Egress {
  return {
    check: (url) => checkUrl(url, policy),
    resolve: (host, port, signal) =>
      withinConnectTimeout(signal, async (limited) => {
        const [address] = await resolvePinned(host, port, policy, limited);
        return address;
      }),
    connect: (host, port, signal) =>
      withinConnectTimeout(signal, async (limited) => {
        const addresses = await resolvePinned(host, port, policy, limited);
        return connectPinned(addresses, port, policy, limited);
      }),
    fetch: (url, options) => fetchUrl(url, options, policy),
  };
}

async function withinConnectTimeout<T>(
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = withDeadline(connectTimeoutMs, signal);
  try {
    return await work(deadline.signal);
  } finally {
    deadline.clear();
  }
}
