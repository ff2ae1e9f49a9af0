import { isIPv4 } from 'node:net';
import { classifyAddress } from './classify-address.ts';
import { EgressRefusedError, type RefusalReason } from './errors.ts';
import { type AllowRule, type EgressPolicy, findAllowRule } from './policy.ts';

const maxUrlChars = 8192;

/**
 * Parses an address that a user chose and refuses it when no connection to it could be allowed.
 * Names are not resolved here. Returns the URL that is dialled: canonical, and without a root dot.
 *
 * @throws EgressRefusedError `invalid_input` for what is no plain URL, else `url_forbidden`.
 */
export function checkUrl(text: string | URL, policy: EgressPolicy): URL {
  const raw = String(text);
  const url = raw.length > maxUrlChars ? null : URL.parse(raw);
  if (!url) throw new EgressRefusedError('malformed_url', { url: raw });
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new EgressRefusedError('scheme_not_allowed', { url: raw });
  }
  if (url.username !== '' || url.password !== '') {
    throw new EgressRefusedError('has_credentials', { url: url.href });
  }
  url.hostname = url.hostname.replace(/\.+$/, '');
  checkTarget(url.hostname, portOf(url), policy, url.href);
  return url;
}

/**
 * Refuses a host (canonical, as URL parsing gives it) or a port. Returns the operator's rule when
 * one lets the target through, else undefined.
 */
export function checkTarget(
  hostname: string,
  port: number,
  policy: EgressPolicy,
  url = `${hostname}:${port}`,
): AllowRule | undefined {
  const rule = findAllowRule(policy, hostname, port);
  if (rule) return rule;
  const { reason, cause } = refusalOf(hostname, port, policy);
  if (reason) throw new EgressRefusedError(reason, { url, cause });
  return undefined;
}

/**
 * Brings a bare host (`LOCALHOST.`, `0x7f.1`, `[::1]`, `::1`) into the one spelling that is checked.
 *
 * @throws EgressRefusedError when it is not a host alone.
 */
export function canonicalHost(host: string): string {
  const isBareIPv6 = host.includes(':') && !host.startsWith('[');
  const url = /[/\\?#@\s]/.test(host)
    ? null
    : URL.parse(`http://${isBareIPv6 ? `[${host}]` : host}/`);
  const hasPort = !isBareIPv6 && /:\d*$/.test(host);
  if (!url || hasPort) throw new EgressRefusedError('malformed_url', { url: host });
  return url.hostname.replace(/\.+$/, '');
}

/** The address that a canonical host spells out, or undefined when it is a name. */
export function literalOf(hostname: string): string | undefined {
  if (hostname.startsWith('[')) return hostname.slice(1, -1);
  return isIPv4(hostname) ? hostname : undefined;
}

/** The port that is dialled for this URL. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

function refusalOf(
  hostname: string,
  port: number,
  policy: EgressPolicy,
): { reason?: RefusalReason; cause?: Error } {
  const literal = literalOf(hostname);
  if (literal !== undefined) {
    const verdict = classifyAddress(literal);
    if (!verdict.isPublic) {
      return { reason: 'private_address', cause: new Error(`${literal}: ${verdict.reason}`) };
    }
  } else if (isLocalName(hostname)) {
    return { reason: 'private_name' };
  }
  return policy.ports.includes(port) ? {} : { reason: 'port_not_allowed' };
}

const localDomains = ['localhost', 'localdomain', 'local', 'internal', 'home.arpa'];
const metadataNames = ['metadata.goog', 'metadata.google.com', 'metadata.azure.com'];

function isLocalName(name: string): boolean {
  const isSingleLabel = !name.includes('.');
  return (
    isSingleLabel ||
    name.split('.').includes('') ||
    metadataNames.includes(name) ||
    localDomains.some((domain) => name === domain || name.endsWith(`.${domain}`))
  );
}
