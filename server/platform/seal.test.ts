import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { fingerprint, seal, unseal } from './seal.ts';

beforeAll(() => {
  process.env.AUTH_SECRET ??= 'a secret for tests of 32 characters';
  process.env.MEDIA_TOKEN ??= 'a token for tests of media';
});

test('a sealed text is given back whole, and shows nothing of itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 8 }), (text) => {
      const sealed = seal('p', text);
      expect(unseal('p', sealed)).toBe(text);
      expect(sealed).not.toContain(text);
      expect(seal('p', text)).not.toBe(sealed);
    }),
  );
});

test('another purpose, a change of one byte and nonsense open nothing', () => {
  const sealed = seal('p', 'the text');
  expect(unseal('q', sealed)).toBeUndefined();
  const bytes = Buffer.from(sealed, 'base64url');
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(unseal('p', changed.toString('base64url'))).toBeUndefined();
  }
  for (const text of ['', 'x', '{"answer":1}']) expect(unseal('p', text)).toBeUndefined();
});

test('a fingerprint is the same for the same text and purpose only', () => {
  expect(fingerprint('p', 'a')).toBe(fingerprint('p', 'a'));
  expect(fingerprint('p', 'a')).not.toBe(fingerprint('q', 'a'));
  expect(fingerprint('p', 'a')).not.toBe(fingerprint('p', 'b'));
});
