import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { contentDisposition, displayName, uniqueNames } from './filename.ts';

// Properties run a hundred cases or more; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 });

describe('displayName', () => {
  test.each([
    ['invoice.pdf', 'invoice.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['C:\\Users\\me\\x.png', 'x.png'],
    ['C:x', 'C_x'],
    ['/abs/path', 'path'],
    ['nul\0byte', 'nulbyte'],
    ['a\r\nSet-Cookie: b=c', 'aSet-Cookie_ b=c'],
    ["\"; filename*=UTF-8''x", "_; filename_=UTF-8''x"],
    ['.htaccess', 'htaccess'],
    ['...', 'file'],
    ['.', 'file'],
    ['..', 'file'],
    ['', 'file'],
    ['  spaced  ', 'spaced'],
    ['|id', '_id'],
    ['%pipe%id', '%pipe%id'],
    ['photo\u202egnp.exe', 'photognp.exe'],
    ['\ufeffname.txt', 'name.txt'],
    ['a\u200bb', 'ab'],
    ['Rechnung für Zoë 🎉.pdf', 'Rechnung für Zoë 🎉.pdf'],
    ['cafe\u0301.png', 'café.png'],
    ['<script>.html', '_script_.html'],
    ['folder/', 'file'],
  ])('%j is shown as %j', (name, shown) => {
    expect(displayName(name)).toBe(shown);
  });

  test('the fallback stands where nothing is left', () => {
    expect(displayName('\u202e', 'download')).toBe('download');
  });

  test('no name, whatever it holds, is a path, a line or an override', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(anything, (name) => {
        const shown = displayName(name);
        expect(shown).not.toMatch(/[/\\\p{Cc}\u202a-\u202e\u2066-\u2069"<>|?*:]/u);
        expect(shown).not.toMatch(/^[.\s]|[.\s]$/);
        expect([...shown].length).toBeLessThanOrEqual(255);
        expect(shown).not.toBe('');
      }),
    );
  });
});

describe('contentDisposition', () => {
  test('a plain name is sent plainly and encoded', () => {
    expect(contentDisposition('a b.pdf')).toBe(
      `attachment; filename="a b.pdf"; filename*=UTF-8''a%20b.pdf`,
    );
  });

  test('a name in another script has an ASCII stand-in beside the real one', () => {
    expect(contentDisposition('Zoë.pdf')).toBe(
      `attachment; filename="Zoe.pdf"; filename*=UTF-8''Zo%C3%AB.pdf`,
    );
    expect(contentDisposition('请款.pdf')).toContain(`filename*=UTF-8''%E8%AF%B7%E6%AC%BE.pdf`);
    expect(contentDisposition('请款')).toContain('filename="file"');
    expect(contentDisposition('🎉.jpg')).toContain('filename="file.jpg"');
    expect(contentDisposition('🎉-x.jpg')).toContain('filename="x.jpg"');
  });

  test('any name gives one header whose two parameters parse', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const header = contentDisposition(name);
        const match = /^attachment; filename="([\x20-\x7e]*)"; filename\*=UTF-8''(\S+)$/.exec(
          header,
        );
        expect(match).not.toBeNull();
        expect(match?.[1]).not.toMatch(/["\\%;]/);
        expect(match?.[2]).toMatch(/^[A-Za-z0-9%._~-]+$/);
        expect(() => new Headers({ 'content-disposition': header })).not.toThrow();
      }),
    );
  });
});

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
    expect(displayName(name, 'file')).toBe(safe);
  });

  test('is at most 255 bytes and never ends in half a character', () => {
    const name = displayName('🎉'.repeat(5000), 'file', '.pdf');
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
    expect(name.endsWith('🎉.pdf')).toBe(true);
    expect(name.isWellFormed()).toBe(true);
  });
});

test('a name is never given twice', () => {
  const long = `${'x'.repeat(251)}.pdf`;
  const names = uniqueNames(['a.pdf', 'a.pdf', 'a-2.pdf', long, long]);
  expect(new Set(names).size).toBe(5);
  expect(names.every((name) => Buffer.byteLength(name) <= 255 && name.endsWith('.pdf'))).toBe(true);
});
