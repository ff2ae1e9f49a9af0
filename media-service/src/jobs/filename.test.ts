import { describe, expect, test } from 'vitest';
import { outputName, safeName, uniqueNames } from './filename.ts';

describe('a name for display', () => {
  test.each([
    ['../../etc/x', 'x'],
    ['..\\..', 'file'],
    ['C:\\x', 'x'],
    ['/abs', 'abs'],
    ['a\0b', 'ab'],
    ['\r\nSet-Cookie: a=b', 'Set-Cookie_ a=b'],
    ['"; filename*=', '_; filename_='],
    ['.', 'file'],
    ['', 'file'],
    ['-i', 'i'],
    ['--', 'file'],
    ['|id', '_id'],
    ['concat:a', 'concat_a'],
    ['CON', '_CON'],
    ['nul.txt', '_nul.txt'],
    ['a\u202egpj.exe', 'agpj.exe'],
    ['.htaccess', 'htaccess'],
    ['e\u0301', '\u00e9'],
    ['a\ud800b', 'a\ufffdb'],
    ['résumé 🎉.pdf', 'résumé 🎉.pdf'],
  ])('%j becomes %j', (name, safe) => {
    expect(safeName(name, 'file')).toBe(safe);
  });

  test('is at most 255 bytes and never ends in half a character', () => {
    const name = safeName('🎉'.repeat(5000), 'file', '.pdf');
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
    expect(name.endsWith('🎉.pdf')).toBe(true);
    expect(name.isWellFormed()).toBe(true);
  });
});

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

  test('is never given twice', () => {
    const long = `${'x'.repeat(251)}.pdf`;
    const names = uniqueNames(['a.pdf', 'a.pdf', 'a-2.pdf', long, long]);
    expect(new Set(names).size).toBe(5);
    expect(names.every((name) => Buffer.byteLength(name) <= 255 && name.endsWith('.pdf'))).toBe(
      true,
    );
  });
});
