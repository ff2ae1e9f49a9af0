import { expect, test } from 'vitest';
import { ownPath } from './own-path.ts';

test.each(['/dashboard', '/dashboard/keys?new=1#top', '/'])('%s is a path of ours', (path) => {
  expect(ownPath(path, '/else')).toBe(path);
});

test.each([
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  'https://evil.example',
  'javascript:alert(1)',
  '/\t/evil.example',
  ' //evil.example',
  '',
  undefined,
  null,
])('%s is none', (path) => {
  expect(ownPath(path, '/else')).toBe('/else');
});
