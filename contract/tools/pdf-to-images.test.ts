import { describe, expect, it } from 'vitest';
import { arrivedFile } from '../tool.ts';
import { pdfToImages } from './pdf-to-images.ts';

const file = arrivedFile({ path: '/x', filename: 'x.pdf', size: 1, type: 'pdf' });

/** The fields that a request is refused for, with what is said of them. */
function problems(options: Record<string, unknown>): Record<string, string> {
  const parsed = pdfToImages.input.safeParse({ file, ...options });
  const issues = parsed.success ? [] : parsed.error.issues;
  return Object.fromEntries(issues.map(({ message, path }) => [path.join('.'), message]));
}

describe('pdf-to-images', () => {
  it('takes dots per inch or a size, not both', () => {
    expect(problems({ dpi: 300 })).toEqual({});
    expect(problems({ width: 800, height: 600 })).toEqual({});
    expect(problems({ dpi: 300, width: 800 })).toEqual({
      dpi: 'Expected dpi or a size; received dpi 300 and width.',
    });
  });

  it.each(['jpg', 'tiff'])('has nothing transparent in %s', (format) => {
    expect(Object.keys(problems({ background: 'transparent', format }))).toEqual(['background']);
    expect(problems({ background: 'transparent', format: 'webp' })).toEqual({});
  });

  it('has nothing transparent in black and white', () => {
    const options = { background: 'transparent', color_mode: 'mono' };
    expect(Object.keys(problems(options))).toEqual(['background']);
  });

  it('keeps percentages of a part within the page', () => {
    const crop = { x: 60, y: 0, width: 50, height: 100, unit: 'percent' };
    expect(problems({ crop })).toEqual({
      'crop.width': 'Expected x and width of at most 100 percent together; received 110.',
    });
    expect(problems({ crop: { ...crop, unit: 'pt' } })).toEqual({});
  });

  it.each([
    ['dpi', 35],
    ['dpi', 601],
    ['dpi', 1e9],
    ['width', 10_001],
    ['quality', 101],
    ['pages', '0'],
    ['pages', '-3'],
    ['background', 'white'],
    ['format', 'gif'],
  ])('refuses %s = %s', (name, value) => {
    expect(Object.keys(problems({ [name]: value }))).toEqual([name]);
  });
});
