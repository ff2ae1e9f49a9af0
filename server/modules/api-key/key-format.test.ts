import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { generateKey, hashKey, isKeyWellFormed } from './key-format.ts';

// Properties run a hundred cases or more; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 });

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('a new key', () => {
  test.each(['live', 'test'] as const)('of mode %s has its prefix, 32 and 6 characters', (mode) => {
    const key = generateKey(mode);
    expect(key).toMatch(new RegExp(`^nb_${mode}_[0-9A-Za-z]{38}$`));
    expect(isKeyWellFormed(key)).toBe(true);
  });

  test('is never the same twice, and uses every digit', () => {
    const keys = Array.from({ length: 2000 }, () => generateKey('live'));
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(keys.flatMap((key) => [...key.slice(8, 40)])).size).toBe(62);
  });
});

describe('a typo is refused without a look into the database', () => {
  test('every change of a single character is caught, wherever it is', () => {
    const key = generateKey('live');
    for (let at = 0; at < key.length; at++) {
      for (const digit of `${digits}_-`) {
        if (digit === key[at]) continue;
        const typo = key.slice(0, at) + digit + key.slice(at + 1);
        expect(isKeyWellFormed(typo), typo).toBe(false);
      }
    }
  });

  test('two neighbours that changed places are caught', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 44 }), (at) => {
        const key = generateKey('test');
        if (key[at] === key[at + 1]) return;
        const typo = key.slice(0, at) + key[at + 1] + key[at] + key.slice(at + 2);
        expect(isKeyWellFormed(typo)).toBe(false);
      }),
    );
  });

  test('a missing, an added and a foreign character are caught', () => {
    const key = generateKey('live');
    for (const text of ['', key.slice(1), key.slice(0, -1), `${key}0`, ` ${key}`, `${key}\n`])
      expect(isKeyWellFormed(text), JSON.stringify(text)).toBe(false);
    expect(isKeyWellFormed(key.replace('live', 'test'))).toBe(false);
    expect(isKeyWellFormed(key.toUpperCase())).toBe(false);
  });

  test('no text that was not made as a key passes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...digits), minLength: 38, maxLength: 38 }),
        (text) => {
          expect(isKeyWellFormed(`nb_live_${text}`)).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('what is stored is a hash that does not hold the key', () => {
  const key = generateKey('live');
  expect(hashKey(key)).toMatch(/^[0-9a-f]{64}$/);
  expect(hashKey(key)).toBe(hashKey(key));
  expect(hashKey(key)).not.toBe(hashKey(generateKey('live')));
});
