/** One address of every range that no user may reach. */
const ipv4Addresses = [
  '127.0.0.1',
  '127.1.2.3',
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '10.255.255.254',
  '100.64.0.1',
  '100.100.100.200',
  '168.63.129.16',
  '169.254.169.254',
  '169.254.170.2',
  '172.16.0.1',
  '172.31.255.254',
  '192.0.0.192',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.19.255.254',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  '255.255.255.255',
];

const ipv6Addresses = [
  '::',
  '::1',
  '::127.0.0.1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:169.254.169.254',
  '::ffff:93.184.216.34',
  '::ffff:0:127.0.0.1',
  '64:ff9b::127.0.0.1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::7f00:1',
  '100::1',
  '2001::1',
  '2001:0:7f00:1::',
  '2001:2::1',
  '2001:10::1',
  '2001:20::1',
  '2001:30::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '2002:a9fe:a9fe::1',
  '3fff::1',
  '4000::1',
  '5f00::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'febf::1',
  'fec0::1',
  'ff02::1',
  '1::1',
  '8000::1',
];

type Spelling = (octets: [number, number, number, number], dotted: string) => string;

const asNumber: (octets: number[]) => number = (octets) =>
  octets.reduce((sum, octet) => sum * 256 + octet, 0);

const shifted = (text: string, zero: number) =>
  text.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));

/** Ways to write the same IPv4 address, all of which browsers understand. */
const ipv4Spellings: Record<string, Spelling> = {
  dotted: (_, dotted) => dotted,
  decimal: (octets) => String(asNumber(octets)),
  hex: (octets) => `0x${asNumber(octets).toString(16)}`,
  upperHex: (octets) => `0X${asNumber(octets).toString(16).toUpperCase()}`,
  octal: (octets) => `0${asNumber(octets).toString(8)}`,
  dottedOctal: (octets) => octets.map((octet) => `0${octet.toString(8)}`).join('.'),
  dottedHex: (octets) => octets.map((octet) => `0x${octet.toString(16)}`).join('.'),
  mixed: ([a, b, c, d]) => `0x${a.toString(16)}.${b}.0${c.toString(8)}.${d}`,
  twoParts: ([a, b, c, d]) => `${a}.${asNumber([b, c, d])}`,
  threeParts: ([a, b, c, d]) => `${a}.${b}.${asNumber([c, d])}`,
  padded: (octets) => octets.map((octet) => `0000${octet.toString(8)}`).join('.'),
  fullWidth: (_, dotted) => shifted(dotted, 0xff10).replaceAll('.', '．'),
  mathematical: (_, dotted) => shifted(dotted, 0x1d7ce),
  circled: (_, dotted) =>
    dotted.replace(/\d/g, (digit) =>
      digit === '0' ? '⓪' : String.fromCodePoint(0x245f + Number(digit)),
    ),
  ideographicDots: (_, dotted) => dotted.replaceAll('.', '。'),
  percentEncoded: (_, dotted) => shifted(dotted, 0x30).replace(/\d/g, (digit) => `%3${digit}`),
  trailingDot: (_, dotted) => `${dotted}.`,
};

/** Hosts, as they stand in a URL, that lead to an address which is not public. */
export function hostileHosts(): string[] {
  const ipv4 = ipv4Addresses.flatMap((dotted) => {
    const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
    return Object.values(ipv4Spellings).map((spell) => spell([a, b, c, d], dotted));
  });
  const ipv6 = ipv6Addresses.flatMap((address) => [`[${address}]`, `[${address.toUpperCase()}]`]);
  return [...new Set([...ipv4, ...ipv6])];
}

/** The same as URLs, with both schemes, upper case and odd but legal slashes. */
export function hostileUrls(): string[] {
  const shapes = ['http://', 'https://', 'HTTP://', 'hTTps:\\\\', 'http:/', 'https:'];
  return hostileHosts().map((host, index) => `${shapes[index % shapes.length]}${host}/`);
}
