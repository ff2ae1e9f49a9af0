import { isIP, isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** `reason` names the special range; it is for logs, since it tells where a name leads to. */
export type AddressVerdict = { isPublic: true } | { isPublic: false; reason: string };

/** Whether an address lies on the public internet, so that a user may send us there. */
export function isPublicAddress(ip: string): boolean {
  return classifyAddress(ip).isPublic;
}

/**
 * Sorts an address into public or not, with the reason. Takes canonical spellings only (dotted
 * quad, IPv6 without brackets or zone), as URL parsing and the resolver give them.
 */
export function classifyAddress(ip: string): AddressVerdict {
  if (isIP(ip) === 0 || ip.includes('%')) return { isPublic: false, reason: 'not an address' };
  return isIPv4(ip) ? classifyIPv4(ipaddr.IPv4.parse(ip)) : classifyIPv6(ipaddr.IPv6.parse(ip));
}

const ipv4Ranges = parseRanges([
  ['168.63.129.16/32', 'cloud platform'],
  ['100.100.100.200/32', 'cloud metadata'],
  ['169.254.0.0/16', 'link-local'],
  ['127.0.0.0/8', 'loopback'],
  ['0.0.0.0/8', 'this host'],
  ['10.0.0.0/8', 'private'],
  ['172.16.0.0/12', 'private'],
  ['192.168.0.0/16', 'private'],
  ['100.64.0.0/10', 'carrier NAT'],
  ['192.0.0.0/24', 'protocol assignments'],
  ['192.0.2.0/24', 'documentation'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['192.31.196.0/24', 'AS112'],
  ['192.175.48.0/24', 'AS112'],
  ['192.52.193.0/24', 'multicast tunnels'],
  ['192.88.99.0/24', '6to4 relay'],
  ['198.18.0.0/15', 'benchmarking'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
]);

const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

// 2001::/23 holds Teredo, ORCHID, benchmarking and whatever is assigned there next.
const ipv6SpecialRanges = parseRanges([
  ['2001::/23', 'protocol assignments'],
  ['2001:db8::/32', 'documentation'],
  ['3fff::/20', 'documentation'],
  ['2002::/16', '6to4'],
  ['3ffe::/16', 'former test network'],
  ['2620:4f:8000::/48', 'AS112'],
]);

// These are refused anyway, as all that is not 2000::/3; they only give the log a better word.
const ipv6Names = parseRanges([
  ['::1/128', 'loopback'],
  ['::/128', 'this host'],
  ['::ffff:0:0/96', 'IPv4-mapped'],
  ['::ffff:0:0:0/96', 'IPv4-translated'],
  ['::/96', 'IPv4-compatible'],
  ['64:ff9b::/96', 'NAT64'],
  ['64:ff9b:1::/48', 'NAT64'],
  ['100::/64', 'discard'],
  ['5f00::/16', 'segment routing'],
  ['fc00::/7', 'unique local'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'site-local'],
  ['ff00::/8', 'multicast'],
]);

type Range = { net: ipaddr.IPv4 | ipaddr.IPv6; bits: number; reason: string };

function parseRanges(rows: [cidr: string, reason: string][]): Range[] {
  return rows.map(([cidr, reason]) => {
    const [net, bits] = ipaddr.parseCIDR(cidr);
    return { net, bits, reason };
  });
}

function findRange(address: ipaddr.IPv4 | ipaddr.IPv6, ranges: Range[]): Range | undefined {
  return ranges.find(({ net, bits }) => address.match(net, bits));
}

function classifyIPv4(address: ipaddr.IPv4): AddressVerdict {
  const range = findRange(address, ipv4Ranges);
  return range ? { isPublic: false, reason: range.reason } : { isPublic: true };
}

function classifyIPv6(address: ipaddr.IPv6): AddressVerdict {
  if (!address.match(globalUnicast)) {
    return { isPublic: false, reason: findRange(address, ipv6Names)?.reason ?? 'unassigned' };
  }
  const range = findRange(address, ipv6SpecialRanges);
  return range ? { isPublic: false, reason: range.reason } : { isPublic: true };
}
