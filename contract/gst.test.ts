import { expect, test } from 'vitest';
import { buyerSchema, isGstin } from './gst.ts';

const business = { legal_name: 'Acme', gstin: null, address: '1 Road\nPune', state: '27' };

test('a GSTIN is taken by its state, its PAN and the sign that checks it', () => {
  for (const good of ['27AAPFU0939F1ZV', '29AAGCB7383J1Z4', '24AAACC1206D1ZM'])
    expect(isGstin(good), good).toBe(true);
  for (const bad of ['27AAPFU0939F1ZW', '72AAPFU0939F1ZV', '27AAPFU0939F1V', '27aapfu0939f1zv', ''])
    expect(isGstin(bad), bad).toBe(false);
});

test('one sign that is wrong, or two that have changed places, are found', () => {
  const good = '27AAPFU0939F1ZV';
  for (let at = 0; at < 14; at += 1) {
    const other =
      good[at] === '7' ? '8' : good[at] === 'B' ? 'C' : /\d/.test(good[at] ?? '') ? '7' : 'B';
    expect(isGstin(good.slice(0, at) + other + good.slice(at + 1))).toBe(false);
  }
  expect(isGstin('27AAPFU9039F1ZV')).toBe(false);
});

test('who is billed names a state, which is the one of the GSTIN', () => {
  expect(buyerSchema.parse({ ...business, gstin: '27aapfu0939f1zv ' }).gstin).toBe(
    '27AAPFU0939F1ZV',
  );
  expect(buyerSchema.safeParse({ ...business, gstin: '29AAGCB7383J1Z4' }).success).toBe(false);
  expect(buyerSchema.safeParse({ ...business, state: '28' }).success).toBe(false);
  expect(buyerSchema.parse(business).gstin).toBeNull();
});
