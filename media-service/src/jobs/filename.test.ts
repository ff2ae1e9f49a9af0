import { describe, expect, test } from 'vitest';
import { outputName } from './filename.ts';

describe('the name of an output', () => {
  const facts = { fallback: 'html-to-pdf', type: 'pdf', index: 1, count: 1 } as const;

  test('is the name of the input with the extension of the output', () => {
    expect(outputName({ ...facts, inputName: 'Report 2.5.html' })).toBe('Report 2.5.pdf');
    expect(outputName(facts)).toBe('html-to-pdf.pdf');
  });

  test('follows the template, and has its extension once', () => {
    const named = { ...facts, inputName: 'a.html', template: '{name}-{page}-{index}.PDF', page: 7 };
    expect(outputName(named)).toBe('a-7-1.pdf');
    expect(outputName({ ...facts, template: 'x.html' })).toBe('x.html.pdf');
    expect(outputName({ ...facts, template: '../{name}' })).toBe('html-to-pdf.pdf');
  });

  test('tells several outputs apart by label, page or index', () => {
    const several = { ...facts, type: 'jpg', inputName: 'a.png', count: 2 } as const;
    expect(outputName({ ...several, label: '800w' })).toBe('a-800w.jpg');
    expect(outputName({ ...several, page: 3 })).toBe('a-3.jpg');
    expect(outputName({ ...several, index: 2 })).toBe('a-2.jpg');
  });
});
