import { describe, expect, it } from 'vitest';
import { arrivedFile } from '../tool.ts';
import { wordToPdf } from './word-to-pdf.ts';

const file = arrivedFile({ path: '/spool/a', filename: 'a.docx', size: 10, type: 'docx' });

function issues(options: Record<string, unknown>) {
  const parsed = wordToPdf.input.safeParse({ file, ...options });
  return parsed.success
    ? []
    : parsed.error.issues.map(({ message, path }) => [path.join('.'), message]);
}

describe('word-to-pdf', () => {
  it('has a default for every option but those that the document decides', () => {
    expect(wordToPdf.run.parse({})).toEqual({
      style_map: [],
      page_numbers: 'none',
      image_quality: 85,
      image_max_dpi: 300,
      bookmarks: true,
      pages: 'all',
      cache: true,
      strict: false,
      timeout_seconds: 120,
    });
  });

  it('takes margins that fit on the paper', () => {
    expect(issues({ page_size: 'A6', margin: { left: '40mm', right: '40mm' } })).toEqual([]);
    expect(issues({ margin: { left: '400mm' } })).toEqual([]);
  });

  it('names the side where margins leave no room on the paper', () => {
    expect(issues({ page_size: 'A6', margin: { left: '50mm', right: '50mm' } })).toEqual([
      ['margin.left', expect.stringContaining('at least 0.5in of A6; received 283 of 298 points')],
    ]);
    expect(issues({ page_size: 'A6', margin: { top: '145mm' } })).toEqual([
      ['margin.top', expect.stringContaining('at least 0.5in of A6')],
    ]);
  });

  it('measures margins on the turned paper', () => {
    const margin = { left: '60mm', right: '60mm' };
    expect(issues({ page_size: 'A6', margin })).toHaveLength(1);
    expect(issues({ page_size: 'A6', orientation: 'landscape', margin })).toEqual([]);
    expect(
      issues({ page_size: 'Ledger', orientation: 'landscape', margin: { left: '15in' } }),
    ).toEqual([]);
    expect(
      issues({ page_size: 'Ledger', orientation: 'portrait', margin: { left: '15in' } }),
    ).toHaveLength(1);
  });

  it.each([
    ['page_size', { page_size: 'A9' }],
    ['font_size', { font_size: 100 }],
    ['line_height', { line_height: 0 }],
    ['page_numbers', { page_numbers: 'middle' }],
    ['image_quality', { image_quality: 0 }],
    ['image_max_dpi', { image_max_dpi: 10 }],
    ['margin.top', { margin: { top: '-1mm' } }],
    ['pages', { pages: '0' }],
    ['style_map.0', { style_map: ['x'] }],
    ['password', { password: '' }],
  ])('refuses a value of %s that is out of its range', (path, options) => {
    expect(issues(options).map(([at]) => at)).toEqual([path]);
  });
});
