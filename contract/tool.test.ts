import { describe, expect, test } from 'vitest';
import { parseInput } from './explain.ts';
import { arrivedFile, defineTool } from './tool.ts';

const compare = defineTool({
  id: 'compare',
  title: 'Compare',
  summary: 'Compares.',
  description: 'Compares.',
  category: 'feature',
  source: {
    field: 'source',
    accepts: ['png', 'jpg'],
    maxFiles: 1,
    url: 'fetch',
    list: { field: 'targets', maxFiles: 3 },
  },
  options: {},
  outputs: ['png'],
  groups: [],
  example: {},
});

const part = () => arrivedFile({ path: '/spool/1', filename: 'a.png', size: 1, type: 'png' });
const address = 'https://example.com/a.png';
const parse = (input: unknown) => parseInput(compare.input, input) as Record<string, unknown>;

describe('a file', () => {
  test('comes as a part, an address or base64, in a list side by side', () => {
    const targets = [part(), { url: address }, { data: 'iVBORw==', filename: 'b.png' }];
    expect(parse({ source: { url: address }, targets })).toMatchObject({ targets });
    expect(parse({ url: address, targets })).toMatchObject({ url: address });
  });

  test.each([
    ['a path', { path: '/etc/passwd', filename: 'a', size: 1, type: 'png' }, 'targets.0.path'],
    ['two ways at once', { url: address, data: 'AAAA' }, 'targets.0.url'],
    ['no way', {}, 'targets.0.url'],
    ['another protocol', { url: 'file:///etc/passwd' }, 'targets.0.url'],
    ['no base64', { data: '***' }, 'targets.0.data'],
    ['a text', 'a.png', 'targets.0'],
  ])('%s is refused by name', (_what, target, param) => {
    expect(() => parse({ url: address, targets: [target] })).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        details: expect.objectContaining({ param }),
      }),
    );
  });
});

describe('a list', () => {
  test.each([
    ['is missing', undefined],
    ['is empty', []],
    ['is too long', Array.from({ length: 4 }, part)],
  ])('that %s is refused', (_what, targets) => {
    expect(() => parse({ source: part(), targets })).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ param: 'targets' }) }),
    );
  });

  test('does without no source', () => {
    expect(() => parse({ targets: [part()] })).toThrow('exactly one of source, url, data');
  });
});
