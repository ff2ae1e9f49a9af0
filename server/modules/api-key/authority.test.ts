import { describe, expect, test } from 'vitest';
import { assertWithinReach, type Reach } from './authority.ts';

const full: Reach = { mode: 'live', scopes: ['keys:write', 'tools:run', 'usage:read'] };

describe('a key may manage', () => {
  test.each<[string, Partial<Reach>, Partial<Reach>]>([
    ['one with the same scopes', {}, {}],
    ['one with fewer', {}, { scopes: ['usage:read'] }],
    ['one for a single tool with tools:run', {}, { scopes: ['tools:image-resize'] }],
    ['a test key with a live one', {}, { mode: 'test' }],
    ['one that ends before it', { validUntil: 10 }, { validUntil: 10 }],
    ['a slower one', { requestsPerMinute: 10 }, { requestsPerMinute: 9 }],
    [
      'one for fewer addresses',
      { allowedAddresses: ['10.0.0.0/8'] },
      { allowedAddresses: ['10.2.0.0/16'] },
    ],
    ['a capped one', {}, { monthlyCap: 5 }],
  ])('%s', (_what, caller, target) => {
    expect(() => assertWithinReach({ ...full, ...caller }, { ...full, ...target })).not.toThrow();
  });
});

describe('a key may not manage', () => {
  test.each<[string, Partial<Reach>, Partial<Reach>]>([
    ['one with a scope that it lacks', {}, { scopes: ['webhooks:write'] }],
    ['one with keys:write, without it', { scopes: ['tools:run'] }, { scopes: ['keys:write'] }],
    [
      'one with tools:run for a single tool of its own',
      { scopes: ['keys:write', 'tools:image-resize'] },
      { scopes: ['tools:run'] },
    ],
    ['a live one as a test key', { mode: 'test' }, {}],
    ['one that outlives it', { validUntil: 10 }, { validUntil: 11 }],
    ['one without an end', { validUntil: 10 }, {}],
    ['a faster one', { requestsPerMinute: 10 }, { requestsPerMinute: 11 }],
    ['one with the limit of the plan', { requestsPerMinute: 10 }, {}],
    ['one for all addresses', { allowedAddresses: ['10.0.0.0/8'] }, {}],
    [
      'one for other addresses',
      { allowedAddresses: ['10.0.0.0/8'] },
      { allowedAddresses: ['10.1.0.0/16', '11.0.0.1'] },
    ],
    ['any with a cap of its own', { monthlyCap: 100 }, { monthlyCap: 1 }],
  ])('%s', (_what, caller, target) => {
    expect(() => assertWithinReach({ ...full, ...caller }, { ...full, ...target })).toThrow(
      /reach further than itself/,
    );
  });
});
