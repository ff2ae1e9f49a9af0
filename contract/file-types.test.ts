import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { type FileType, sniffBytes, sniffFileType } from './file-types.ts';

// Properties run a hundred cases or more; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 });

const bytes = (text: string) => Buffer.from(text, 'latin1');
const sniff = (text: string) => sniffFileType(bytes(text));

/** JSON is written alone, never read. */
const heads: Record<Exclude<FileType, 'json'>, string> = {
  pdf: '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n',
  html: '<!doctype html><title>x</title>',
  zip: 'PK\x03\x04\x14\0\0\0',
  jpg: '\xff\xd8\xff\xe0\0\x10JFIF\0',
  png: '\x89PNG\r\n\x1a\n\0\0\0\rIHDR',
  webp: 'RIFF\x10\0\0\0WEBPVP8 ',
  avif: '\0\0\0\x1cftypavif\0\0\0\0mif1',
  gif: 'GIF89a\x01\0\x01\0',
  tiff: 'II*\0\x08\0\0\0',
  svg: '<svg xmlns="http://www.w3.org/2000/svg"/>',
  docx: 'PK\x03\x04\x14\0\x08\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x13\0\0\0[Content_Types].xml',
  mp4: '\0\0\0\x20ftypisom\0\0\x02\0',
  mov: '\0\0\0\x14ftypqt  \0\0\x02\0',
  mkv: '\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska',
  webm: '\x1a\x45\xdf\xa3\x93\x42\x82\x84webm',
  avi: 'RIFF\x10\0\0\0AVI LIST',
  flv: 'FLV\x01\x05',
  mpg: '\0\0\x01\xba\x44\0',
  ts: `G${'\0'.repeat(187)}G${'\0'.repeat(187)}G`,
};

describe('the first bytes decide', () => {
  test.each(Object.entries(heads))('%s is known by its head', (type, head) => {
    expect(sniff(head)).toBe(type);
  });

  test('an OLE file may be an encrypted Word document, unless it names another kind of content', () => {
    const ole = '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1';
    const name = (text: string) => [...text].join('\0');
    expect(sniff(`${ole}${name('EncryptedPackage')}`)).toBe('docx');
    expect(sniff(`${ole}${'\0'.repeat(600)}`)).toBe('docx');
    for (const other of ['WordDocument', 'Workbook', 'PowerPoint Document'])
      expect(sniff(`${ole}${name(other)}`)).toBeUndefined();
  });

  test.each([
    ['PDF with leading junk', 'junk%PDF-1.4'],
    ['PDF with a leading line end', '\n%PDF-1.4'],
    ['PDF with a leading BOM', '\xef\xbb\xbf%PDF-1.4'],
    ['PDF header in lower case', '%pdf-1.4'],
    ['PDF header without the dash', '%PDF 1.4'],
    ['PostScript', '%!PS-Adobe-3.0\n'],
    ['PostScript with a PDF header on its second line', '%!PS\n%PDF-1.4\n'],
    ['PostScript after blank lines', '\n\n%!PS\n%PDF-1.4\n'],
    ['EPS with a binary header', '\xc5\xd0\xd3\xc6%PDF-'],
    ['JPEG with two bytes only', '\xff\xd8'],
    ['PNG after a text-mode transfer', '\x89PNG\n\x1a\n'],
    ['GIF of an unknown version', 'GIF88a'],
    ['RIFF that is a wave file', 'RIFF\x10\0\0\0WAVEfmt '],
    ['an MP4 audio book', '\0\0\0\x20ftypM4B \0\0\x02\0'],
    ['a HEIC', '\0\0\0\x18ftypheic\0\0\0\0'],
    ['an empty ZIP', 'PK\x05\x06'],
    ['a playlist', '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd'],
    ['a script', '#!/bin/sh\nid\n'],
    ['JSON', '{"a":1}'],
    ['plain text', 'Hello <b>world</b>'],
    ['XML of another kind', '<?xml version="1.0"?><note/>'],
    ['an unclosed comment', '<!-- <html>'],
    ['UTF-16 HTML', '<\0h\0t\0m\0l\0>\0'],
    ['nothing', ''],
    ['a BMP', 'BM\x46\0\0\0'],
    ['a PSD', '8BPS\0\x01'],
    ['an ICO', '\0\0\x01\0\xff\0\x10\x10'],
    ['a JPEG 2000', '\0\0\0\x0cjP  \r\n\x87\n'],
    ['a JPEG 2000 without a container', '\xff\x4f\xff\x51'],
    ['a HEIC of several pictures', '\0\0\0\x18ftypmif1\0\0\0\0mif1heic'],
  ])('%s is refused', (_what, head) => {
    expect(sniff(head)).toBeUndefined();
  });

  test.each<[string, string, FileType]>([
    ['JPEG with a ZIP behind it', `${heads.jpg}PK\x03\x04`, 'jpg'],
    ['GIF with a script behind it', 'GIF89a/*<script>*/', 'gif'],
    ['PDF with HTML behind it', '%PDF-1.4\n<html><script>', 'pdf'],
    ['PNG with HTML behind it', `${heads.png}<html>`, 'png'],
    ['HTML that quotes a PDF header', '<html>%PDF-1.4', 'html'],
    ['SVG with HTML inside', '<svg><foreignObject><html/></foreignObject></svg>', 'svg'],
  ])('%s is its first type alone', (_what, head, type) => {
    expect(sniff(head)).toBe(type);
  });

  test.each<[string, FileType]>([
    ['\n\t <!DOCTYPE HTML>', 'html'],
    ['<!-- a --><!-- b -->\n<html lang="de">', 'html'],
    ['<h1>Hello</h1>', 'html'],
    ['<my-element>x', 'html'],
    ['<?xml version="1.0"?>\n<svg>', 'svg'],
    ['<?xml version="1.0"?><!-- made by x --><!DOCTYPE svg PUBLIC "">', 'svg'],
    ['<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">', 'html'],
  ])('markup %j is %s', (text, type) => {
    expect(sniff(text)).toBe(type);
    expect(sniffFileType(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes(text)]))).toBe(type);
  });
});

test('any bytes at all get an answer, and bytes after the first 4096 have no say', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (head) => {
      expect(() => sniffFileType(head)).not.toThrow();
    }),
  );
  const filler = Buffer.alloc(sniffBytes, ' ');
  expect(sniffFileType(filler)).toBeUndefined();
});

test('a head of nothing but openings is answered at once', () => {
  expect(sniff('<!--'.repeat(1024))).toBeUndefined();
  expect(sniff('<?'.repeat(2048))).toBeUndefined();
  expect(sniff('<!---->'.repeat(585))).toBeUndefined();
});
