import { expect, test } from 'vitest';
import { generateKey } from '../api-key/key-format.ts';
import { redact, redactText } from './redact.ts';

test('fields that hold secrets are left out at every depth', () => {
  const facts = { name: 'CI', hash: 'x', deep: { password: 'x', plan: 'pro' }, apiToken: 'x' };
  expect(redact(facts)).toEqual({ name: 'CI', deep: { plan: 'pro' } });
});

test('a full key inside any text is cut to its prefix', () => {
  const key = generateKey('live');
  expect(redactText(`curl/8 ${key} ${key}`)).toBe('curl/8 nb_live_… nb_live_…');
  expect(JSON.stringify(redact({ name: key, list: [{ note: `a ${key}` }] }))).not.toContain(key);
});

test('everything else stays as it is', () => {
  const facts = { isEnabled: true, monthlyCap: 0, scopes: ['tools:run'], validUntil: null };
  expect(redact(facts)).toEqual(facts);
});
