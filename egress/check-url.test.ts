import { describe, expect, it } from 'vitest';
import { canonicalHost, checkUrl } from './check-url.ts';
import { EgressRefusedError } from './errors.ts';
import { hostileUrls } from './hostile-literals.ts';
import { parseAllowList } from './policy.ts';

const policy = { ports: [80, 443], allow: [] };

function refusalOf(text: string): { reason: string; code: string; url: string } {
  try {
    checkUrl(text, policy);
  } catch (error) {
    if (error instanceof EgressRefusedError) return error;
    throw error;
  }
  throw new Error(`${text} was let through.`);
}

const publicUrls = [
  'http://example.com',
  'https://example.com/',
  'https://EXAMPLE.com/Path?query=1#part',
  'https://example.com./a.png',
  'http://example.com:80/',
  'http://example.com:443/',
  'https://example.com:443/',
  'https://example.com:80/',
  'https://sub.domain.example.co.uk/a/b/c',
  'https://xn--bcher-kva.example/',
  'https://bücher.example/',
  'https://例え.テスト/',
  'https://example.com/?next=http://127.0.0.1/',
  'https://example.com/#@127.0.0.1',
  'https://example.com/@127.0.0.1',
  'https://example.com\\@127.0.0.1/',
  'http:example.com',
  'http:/example.com',
  ' https://example.com/ ',
  'https://exa\tmple.com/\n',
  'https://ex%61mple.com/',
  'https://ｅｘａｍｐｌｅ.com/',
  'https://localhost.example.com/',
  'https://internal.example.com/',
  'https://local.example.com/',
  'https://metadata.example.com/',
  'https://mylocalhost.com/',
  'https://notinternal.com/',
  'https://10.example.com/',
  'https://127.0.0.1.nip.example/',
  'https://127-0-0-1.example.com/',
  'https://a_b.example.com/',
  'https://a-.example.com/',
  'https://1e100.net/',
  'https://home.arpa.example.com/',
  'http://1.1.1.1/',
  'http://8.8.8.8/',
  'http://134744072/',
  'http://0x8.0x8.0x8.0x8/',
  'http://010.010.010.010/',
  'http://8.8.2056/',
  'http://93.184.216.34/',
  'http://９３.１８４.２１６.３４/',
  'http://172.15.0.1/',
  'http://172.32.0.1/',
  'http://192.167.0.1/',
  'http://100.63.0.1/',
  'http://100.128.0.1/',
  'http://169.253.0.1/',
  'http://198.20.0.1/',
  'http://223.255.255.255/',
  'http://168.63.129.17/',
  'http://[2606:4700:4700::1111]/',
  'http://[2a00:1450:4001::200e]/',
  'http://[2001:4860:4860::8888]/',
  'http://[2001:0200::1]/',
];

describe('checkUrl', () => {
  const literals = hostileUrls();

  it('has at least 220 spellings of addresses that are not public to try', () => {
    expect(literals.length).toBeGreaterThanOrEqual(220);
  });

  it('refuses every one of them', () => {
    const expected = { reason: 'private_address', code: 'url_forbidden' };
    for (const url of literals) expect(refusalOf(url), url).toMatchObject(expected);
  });

  it('has at least 50 public addresses to try', () => {
    expect(publicUrls.length).toBeGreaterThanOrEqual(50);
  });

  it('lets every one of them through', () => {
    for (const url of publicUrls) {
      expect(checkUrl(url, policy).protocol, url).toMatch(/^https?:$/);
    }
  });

  it.each([
    'http://localhost/',
    'http://localhost./',
    'http://LOCALHOST。/',
    'http://LocalHost/',
    'http://a.localhost/',
    'http://ip6-localhost/',
    'http://localhost.localdomain/',
    'http://intranet/',
    'http://com/',
    'http://metadata/',
    'http://metadata.google.internal/computeMetadata/v1/',
    'http://METADATA.google.internal./',
    'http://metadata.goog/',
    'http://instance-data.ec2.internal/',
    'http://printer.local/',
    'http://router.home.arpa/',
    'http://a..example.com/',
    'http://.example.com/',
  ])('refuses the local name %s', (url) => {
    expect(refusalOf(url)).toMatchObject({ reason: 'private_name', code: 'url_forbidden' });
  });

  it.each([
    ['http://a@127.0.0.1/', 'has_credentials'],
    ['http://user:secret@example.com/', 'has_credentials'],
    ['http://:secret@example.com/', 'has_credentials'],
    ['http://example.com@127.0.0.1/', 'has_credentials'],
    ['http://127.0.0.1#@example.com', 'private_address'],
    ['http://127.0.0.1?@example.com', 'private_address'],
    ['http://127.0.0.1\\@example.com', 'private_address'],
    ['http:127.0.0.1', 'private_address'],
    ['http:\\\\127.0.0.1', 'private_address'],
    ['http:///127.0.0.1', 'private_address'],
    ['ht\ntp://127.0.\t0.1', 'private_address'],
    [' \u0000http://127.0.0.1', 'private_address'],
    ['http://127.0.0.1%00.example.com/', 'malformed_url'],
    ['http://exam%00ple.com/', 'malformed_url'],
    ['http://[fe80::1%25lo]/', 'malformed_url'],
    ['http://[::1', 'malformed_url'],
    ['http://1.2.3.4.5/', 'malformed_url'],
    ['http://256.1.1.1/', 'malformed_url'],
    ['http://exa mple.com/', 'malformed_url'],
    ['http://', 'malformed_url'],
    ['//example.com/', 'malformed_url'],
    ['/etc/passwd', 'malformed_url'],
    ['example.com', 'malformed_url'],
    ['', 'malformed_url'],
    [`http://example.com/${'a'.repeat(9000)}`, 'malformed_url'],
  ])('decides on what the parser makes of %j', (url, reason) => {
    expect(refusalOf(url).reason).toBe(reason);
  });

  it.each([
    'file:///etc/passwd',
    'FILE://localhost/etc/passwd',
    'gopher://example.com/',
    'dict://example.com/',
    'ftp://example.com/',
    'ws://example.com/',
    'wss://example.com/',
    'data:text/html,hi',
    'blob:https://example.com/1',
    'jar:http://example.com!/',
    'javascript:alert(1)',
    'view-source:http://example.com/',
    'about:blank',
    'chrome://settings',
    'localhost:80',
  ])('refuses the scheme of %s', (url) => {
    expect(refusalOf(url)).toMatchObject({ reason: 'scheme_not_allowed', code: 'url_forbidden' });
  });

  it.each([0, 1, 22, 25, 81, 6379, 8000, 8080, 65535])('refuses port %i', (port) => {
    expect(refusalOf(`http://example.com:${port}/`)).toMatchObject({
      reason: 'port_not_allowed',
      code: 'url_forbidden',
    });
  });

  it('takes another port when the list has it', () => {
    expect(checkUrl('http://example.com:8080/', { ports: [8080], allow: [] }).port).toBe('8080');
  });

  it('keeps user names and passwords out of the error', () => {
    for (const url of [
      'http://u:secret@example.com/a',
      'u:secret@10.0.0.1',
      'http://u:secret@[::1',
    ]) {
      expect(JSON.stringify({ ...refusalOf(url), message: String(refusalOf(url)) })).not.toContain(
        'secret',
      );
    }
  });

  it('drops the root dot, so that Host and certificate names are plain', () => {
    expect(checkUrl('https://example.com./a', policy).href).toBe('https://example.com/a');
  });

  it('lets through what the operator allows, at that port alone', () => {
    const own = { ports: [80], allow: parseAllowList('127.0.0.1:4000, intranet, [::1]:90') };
    expect(checkUrl('http://0x7f.1:4000/', own).hostname).toBe('127.0.0.1');
    expect(checkUrl('http://INTRANET./', own).hostname).toBe('intranet');
    expect(checkUrl('http://[0:0::1]:90/', own).hostname).toBe('[::1]');
    for (const url of [
      'http://127.0.0.1/',
      'http://127.0.0.2:4000/',
      'https://intranet/',
      'ftp://intranet:80/',
    ]) {
      expect(() => checkUrl(url, own)).toThrow(EgressRefusedError);
    }
  });
});

describe('canonicalHost', () => {
  it.each([
    ['0x7f.1', '127.0.0.1'],
    ['LOCALHOST.', 'localhost'],
    ['::1', '[::1]'],
    ['[::1]', '[::1]'],
  ])('brings %s into the form that is checked', (host, expected) => {
    expect(canonicalHost(host)).toBe(expected);
  });

  it.each([
    '',
    'a b',
    'a/b',
    'a@b.example',
    'a.example:80',
    'a.example:',
    '[::1]:80',
    'a#b',
    'fe80::1%lo',
  ])('refuses %j, which is no host alone', (host) =>
    expect(() => canonicalHost(host)).toThrow(EgressRefusedError),
  );
});
