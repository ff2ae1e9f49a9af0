import { describe, expect, it } from 'vitest';
import { parseAllowList } from './policy.ts';

describe('parseAllowList', () => {
  it('reads host, port and address', () => {
    expect(
      parseAllowList('intranet.example:8080=10.0.0.5, 127.0.0.1:4000  FILES.local.=fd00::5'),
    ).toEqual([
      { host: 'intranet.example', port: 8080, address: '10.0.0.5' },
      { host: '127.0.0.1', port: 4000, address: undefined },
      { host: 'files.local', port: undefined, address: 'fd00::5' },
    ]);
  });

  it('is empty for an empty text', () => {
    expect(parseAllowList(' , ')).toEqual([]);
  });

  it.each([
    'host:0',
    'host:70000',
    'host:http',
    'host=name',
    'host=',
    'http://host',
    'u@host',
    ':80',
    '*.a b:x',
  ])('names the entry that it cannot read: %s', (entry) => {
    const last = entry.split(' ').at(-1) ?? '';
    expect(() => parseAllowList(`good.example, ${entry}`)).toThrow(last);
  });
});
