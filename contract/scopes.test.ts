import { expect, test } from 'vitest';
import { coversScope, defaultScopes, scopeNames, scopes } from './scopes.ts';
import { toolIds } from './tools/index.ts';

test('every tool has a scope of its own, and every scope says in a sentence what it allows', () => {
  for (const id of toolIds) expect(scopeNames).toContain(`tools:${id}`);
  for (const [name, about] of Object.entries(scopes)) {
    expect(name).toMatch(/^[a-z]+:[a-z0-9-]+$/);
    expect(about).toMatch(/^[A-Z].+\.$/);
  }
  expect(scopeNames).toEqual(expect.arrayContaining([...defaultScopes]));
});

test('tools:run covers each tool and nothing else; one tool covers no other', () => {
  for (const name of scopeNames)
    expect(coversScope(['tools:run'], name), name).toBe(name.startsWith('tools:'));
  expect(coversScope(['tools:image-resize'], 'tools:html-to-pdf')).toBe(false);
  expect(coversScope(['tools:image-resize'], 'tools:run')).toBe(false);
  expect(coversScope([], 'usage:read')).toBe(false);
});
