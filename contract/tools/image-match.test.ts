import { describe, expect, it } from 'vitest';
import { parseInput } from '../explain.ts';
import { arrivedFile } from '../tool.ts';
import { imageMatch } from './image-match.ts';

const file = () => arrivedFile({ path: '/x', filename: 'x.png', size: 1, type: 'png' });
const files = (count = 1) => ({ source: file(), targets: Array.from({ length: count }, file) });
const parse = (input: Record<string, unknown>) => parseInput(imageMatch.input, input);

function fieldsAtFault(input: Record<string, unknown>): string[] {
  const parsed = imageMatch.input.safeParse({ ...files(), ...input });
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'));
}

describe('defaults', () => {
  it('are every method, a match from 0.85, and no drawing', () => {
    expect(parse(files())).toMatchObject({
      methods: ['phash', 'ssim', 'histogram', 'features'],
      threshold: 0.85,
      visual: 'none',
    });
  });
});

describe('files', () => {
  it('are one source and one to a hundred targets', () => {
    expect(fieldsAtFault({})).toEqual([]);
    expect(fieldsAtFault(files(100))).toEqual([]);
    expect(fieldsAtFault(files(101))).toEqual(['targets']);
    expect(fieldsAtFault({ targets: [] })).toEqual(['targets']);
    expect(fieldsAtFault({ source: undefined })).toEqual(['source']);
  });

  it('may be addresses or base64, one by one', () => {
    const url = 'https://example.com/a.png';
    expect(fieldsAtFault({ source: { url }, targets: [{ url }, { data: 'aGk=' }] })).toEqual([]);
    expect(fieldsAtFault({ targets: [{ url, data: 'aGk=' }] })).toHaveLength(1);
  });
});

describe('options', () => {
  it.each([
    [{ threshold: 1.1 }, 'threshold'],
    [{ threshold: -0.1 }, 'threshold'],
    [{ methods: [] }, 'methods'],
    [{ methods: ['sift'] }, 'methods.0'],
    [{ methods: ['phash', 'ssim', 'phash'] }, 'methods.2'],
    [{ visual: 'heat' }, 'visual'],
    [{ visual: 'matches', methods: ['phash', 'ssim'] }, 'visual'],
  ])('%j is refused, and the field is named', (options, field) => {
    expect(fieldsAtFault(options)).toEqual([field]);
  });

  it('a refusal says what was expected and what came', () => {
    const explain = (options: object) => {
      try {
        parse({ ...files(), ...options });
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(explain({ threshold: 2 })).toBe('Expected threshold between 0 and 1, received 2.');
    expect(explain({ visual: 'matches', methods: ['ssim'] })).toBe(
      'visual matches needs features among methods; received ssim.',
    );
    expect(explain({ methods: ['ssim', 'ssim'] })).toBe(
      'Expected each method once; received ssim again.',
    );
  });

  it('diff and overlay need no method but their own', () => {
    for (const visual of ['diff', 'overlay'])
      expect(fieldsAtFault({ visual, methods: ['histogram'] })).toEqual([]);
  });
});
