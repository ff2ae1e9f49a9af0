import { isIP, type Socket } from 'node:net';

/** What one guard lets through, and the two seams through which it touches the network. */
export type EgressPolicy = {
  /** Ports that a URL may have; usually 80 and 443. */
  ports: readonly number[];
  /** The operator's own hosts, which may be reached although they are not public. */
  allow: readonly AllowRule[];
  /** Every address of a name; asked once a connection. Default: the system's resolver. */
  resolve?: (host: string) => Promise<string[]>;
  /** Opens a connection to a checked address. Whoever replaces it vouches for the peer. */
  dial?: (address: string, port: number) => Socket;
};

export type AllowRule = {
  /** Canonical, as `new URL().hostname` gives it: lower case, IPv6 in brackets. */
  host: string;
  /** Only this port; without it, every port of the policy. */
  port?: number;
  /** Where the host lives; without it, the resolver is asked and any answer is taken. */
  address?: string;
};

/**
 * Reads the operator's list: `host[:port][=address]`, separated by commas or white space.
 *
 * @throws Error that names the entry that cannot be read.
 * @example
 * parseAllowList('intranet.example:8080=10.0.0.5, 127.0.0.1:4000')
 */
export function parseAllowList(text: string): AllowRule[] {
  return text
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(parseAllowRule);
}

/** The rule that lets this host and port through, if there is one. */
export function findAllowRule(
  policy: EgressPolicy,
  hostname: string,
  port: number,
): AllowRule | undefined {
  return policy.allow.find(
    (rule) =>
      rule.host === hostname &&
      (rule.port === undefined ? policy.ports.includes(port) : rule.port === port),
  );
}

function parseAllowRule(entry: string): AllowRule {
  const parts = /^(?<host>\[[^\]]+\]|[^:=[\]/@?#\\]+)(?::(?<port>\d+))?(?:=(?<address>.+))?$/.exec(
    entry,
  )?.groups;
  const parsed = parts?.host && URL.parse(`http://${parts.host}`);
  const port = parts?.port === undefined ? undefined : Number(parts.port);
  const address = parts?.address?.replace(/^\[(.+)\]$/, '$1');
  const isPortWrong = port !== undefined && (port < 1 || port > 65535);
  if (!parsed || isPortWrong || (address !== undefined && isIP(address) === 0)) {
    throw new Error(
      `Cannot read "${entry}" in the list of allowed hosts. Expected host[:port][=address], such as intranet.example:8080=10.0.0.5.`,
    );
  }
  return { host: parsed.hostname.replace(/\.+$/, ''), port, address };
}
