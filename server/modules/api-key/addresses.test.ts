import { describe, expect, test } from 'vitest';
import { isAddressRange, isInRanges, isRangeWithin } from './addresses.ts';

test.each(['203.0.113.7', '10.0.0.0/8', '0.0.0.0/0', '::1', '2001:db8::/32', '::/0', '1.2.3.4/32'])(
  '%s is an address or a range',
  (text) => {
    expect(isAddressRange(text)).toBe(true);
  },
);

test.each([
  '',
  'localhost',
  '1.2.3',
  '1.2.3.4/33',
  '1.2.3.4/-1',
  '1.2.3.4/08',
  '1.2.3.4/',
  '1.2.3.4/8/8',
  '010.0.0.1',
  '2001:db8::/129',
  'fe80::1%eth0',
  '1.2.3.4 ',
  '0x7f000001',
  '*',
])('%j is none', (text) => {
  expect(isAddressRange(text)).toBe(false);
});

describe('an address is inside', () => {
  test.each([
    ['10.255.0.1', ['10.0.0.0/8']],
    ['10.1.2.3', ['10.9.9.9/8']],
    ['203.0.113.7', ['203.0.113.7']],
    ['::ffff:203.0.113.7', ['203.0.113.0/24']],
    ['2001:db8:1::5', ['2001:db8::/32']],
    ['2001:DB8:0:0::5', ['2001:db8::5']],
    ['fe80::1%eth0', ['fe80::/10']],
    ['::1', ['10.0.0.0/8', '::1']],
  ])('%s in %j', (address, ranges) => {
    expect(isInRanges(address, ranges)).toBe(true);
  });

  test.each([
    ['11.0.0.1', ['10.0.0.0/8']],
    ['203.0.113.8', ['203.0.113.7']],
    ['2001:db9::1', ['2001:db8::/32']],
    ['::1', ['127.0.0.1']],
    ['unknown', ['0.0.0.0/0', '::/0']],
    ['203.0.113.7, 10.0.0.1', ['0.0.0.0/0']],
    ['10.0.0.1', []],
  ])('%s not in %j', (address, ranges) => {
    expect(isInRanges(address, ranges)).toBe(false);
  });
});

test('a range is within another only when every address of it is', () => {
  expect(isRangeWithin('10.1.0.0/16', ['10.0.0.0/8'])).toBe(true);
  expect(isRangeWithin('10.1.2.3', ['192.0.2.1', '10.1.2.3'])).toBe(true);
  expect(isRangeWithin('2001:db8:5::/48', ['2001:db8::/32'])).toBe(true);
  expect(isRangeWithin('10.0.0.0/7', ['10.0.0.0/8'])).toBe(false);
  expect(isRangeWithin('0.0.0.0/0', ['10.0.0.0/8'])).toBe(false);
  expect(isRangeWithin('::/0', ['10.0.0.0/8'])).toBe(false);
  expect(isRangeWithin('10.0.0.1', [])).toBe(false);
});
