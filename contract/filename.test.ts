import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { contentDisposition, displayName } from './filename.ts';

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
    ['nul\0byte', 'nul_byte'],
    ['a\r\nSet-Cookie: b=c', 'a_Set-Cookie_ b=c'],
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

  test('at most 255 characters remain, and no character is cut in half', () => {
    const name = displayName('🎉'.repeat(5000));
    expect([...name]).toHaveLength(255);
    expect(name.isWellFormed()).toBe(true);
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
