import { BlockList, isIP } from 'node:net';

type Range = { base: string; family: 'ipv4' | 'ipv6'; prefix: number };

/** Whether a text is an address or a range: `203.0.113.7`, `10.0.0.0/8`, `2001:db8::/32`. */
export function isAddressRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

/** Whether a caller's address lies in one of the ranges; an IPv4 address may come mapped to IPv6. */
export function isInRanges(address: string, ranges: readonly string[]): boolean {
  const [plain = ''] = address.split('%');
  const family = isIP(plain);
  if (family === 0) return false;
  const list = new BlockList();
  for (const text of ranges) {
    const range = parseRange(text);
    if (range) list.addSubnet(range.base, range.prefix, range.family);
  }
  return list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
}

/** Whether every address of a range lies in one of the others. */
export function isRangeWithin(text: string, outer: readonly string[]): boolean {
  const range = parseRange(text);
  if (!range) return false;
  return outer.some((other) => {
    const around = parseRange(other);
    if (around?.family !== range.family || around.prefix > range.prefix) return false;
    return isInRanges(range.base, [other]);
  });
}

function parseRange(text: string): Range | undefined {
  const [base = '', prefix, ...rest] = text.split('/');
  const version = base.includes('%') ? 0 : isIP(base);
  if (version === 0 || rest.length > 0) return undefined;
  const bits = version === 4 ? 32 : 128;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (prefix === undefined) return { base, family, prefix: bits };
  if (!/^(0|[1-9]\d{0,2})$/.test(prefix) || Number(prefix) > bits) return undefined;
  return { base, family, prefix: Number(prefix) };
}
