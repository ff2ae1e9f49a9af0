import { EgressRefusedError } from './errors.ts';

const maxHeaders = 20;
const maxHeaderBytes = 4096;

const allowedNames = new Set([
  'accept',
  'accept-language',
  'authorization',
  'user-agent',
  'referer',
]);

// An x- header may not pretend to come from a proxy, nor open a cloud's metadata service.
const refusedPrefixes = [
  'x-forwarded',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original',
  'x-rewrite',
  'x-envoy',
  'x-http-method',
  'x-aws-ec2-metadata',
  'x-google-metadata',
  'x-nebula',
];

const validName = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
const invalidValue = /[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/;

/**
 * Checks the headers that a user wants sent with a URL, and returns them with lower-case names.
 * Takes accept, accept-language, authorization, user-agent, referer and x-*.
 *
 * @throws EgressRefusedError `invalid_input`, naming the header.
 */
export function checkUrlHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers);
  if (entries.length > maxHeaders) {
    refuse(`Expected at most ${maxHeaders} headers, received ${entries.length}.`);
  }
  const checked = new Map<string, string>();
  for (const [name, value] of entries) {
    const lowerName = name.toLowerCase();
    const problem = checked.has(lowerName) ? 'is given twice' : problemOf(lowerName, value);
    if (problem) refuse(`The header ${JSON.stringify(name.slice(0, 64))} ${problem}.`);
    checked.set(lowerName, value);
  }
  return Object.fromEntries(checked);
}

function problemOf(name: string, value: string): string | undefined {
  if (!validName.test(name) || !isAllowedName(name)) {
    return 'is not allowed. Expected accept, accept-language, authorization, user-agent, referer or x-…';
  }
  if (Buffer.byteLength(name) + Buffer.byteLength(value) > maxHeaderBytes) {
    return `is too long. Expected at most ${maxHeaderBytes} bytes`;
  }
  if (invalidValue.test(value)) {
    return 'holds a line break, a control character or a character beyond Latin-1. Expected one plain line';
  }
  return undefined;
}

function isAllowedName(name: string): boolean {
  if (allowedNames.has(name)) return true;
  return name.startsWith('x-') && !refusedPrefixes.some((prefix) => name.startsWith(prefix));
}

function refuse(message: string): never {
  throw new EgressRefusedError('header_not_allowed', { message });
}
