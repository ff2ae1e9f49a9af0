import { describe, expect, it } from 'vitest';
import { checkUrlHeaders } from './allow-headers.ts';
import { EgressRefusedError } from './errors.ts';

describe('checkUrlHeaders', () => {
  it('lets the listed names through in lower case', () => {
    const headers = {
      Accept: 'image/*',
      'Accept-Language': 'de',
      Authorization: 'Bearer token',
      'User-Agent': 'Mine/1.0',
      Referer: 'https://example.com/',
      'X-Api-Key': 'käse',
    };
    expect(Object.keys(checkUrlHeaders(headers))).toEqual([
      'accept',
      'accept-language',
      'authorization',
      'user-agent',
      'referer',
      'x-api-key',
    ]);
  });

  it.each([
    'Host',
    'Cookie',
    'Set-Cookie',
    'TE',
    'Transfer-Encoding',
    'Content-Length',
    'Content-Type',
    'Connection',
    'Upgrade',
    'Keep-Alive',
    'Proxy-Authorization',
    'Expect',
    'Range',
    'Forwarded',
    'Via',
    'Origin',
    'Accept-Encoding',
    'Metadata-Flavor',
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'X-Real-IP',
    'X-Original-URL',
    'X-Rewrite-Url',
    'X-Client-IP',
    'X-aws-ec2-metadata-token',
    'X-Google-Metadata-Request',
    '__proto__',
    '',
    'X-A B',
    'X-A:',
    'X-Ä',
    'X-A\r\nHost',
  ])('refuses %j and names it', (name) => {
    const check = () => checkUrlHeaders(Object.fromEntries([[name, 'value']]));
    expect(check).toThrow(EgressRefusedError);
    expect(check).toThrow(JSON.stringify(name));
    expect(check).toThrow(
      expect.objectContaining({ code: 'invalid_input', reason: 'header_not_allowed' }),
    );
  });

  it.each(['a\r\nHost: b', 'a\nb', 'a\rb', 'a\u0000b', 'a\u007fb', 'a\u2028b', 'a日b'])(
    'refuses the value %j',
    (value) => expect(() => checkUrlHeaders({ 'x-a': value })).toThrow('"x-a"'),
  );

  it('takes 20 headers of 4 KB, and no more of either', () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, 'v']));
    expect(Object.keys(checkUrlHeaders(many(20)))).toHaveLength(20);
    expect(() => checkUrlHeaders(many(21))).toThrow('at most 20');
    expect(checkUrlHeaders({ 'x-a': 'v'.repeat(4093) })).toBeDefined();
    expect(() => checkUrlHeaders({ 'x-a': 'v'.repeat(4094) })).toThrow('too long');
  });

  it('refuses a name that is given twice', () => {
    expect(() => checkUrlHeaders({ 'X-A': '1', 'x-a': '2' })).toThrow('twice');
  });
});
