import { z } from 'zod';
import { color, pages } from '../fields.ts';
import { defineTool, type Issue } from '../tool.ts';

/** Dots per inch when neither `dpi` nor a size is asked for. */
export const defaultDpi = 150;

/** JPEG, WebP and AVIF when nothing else is asked for. */
export const defaultPageQuality = 85;

const side = () => z.int().min(1).max(10_000);

export const pdfToImages = defineTool({
  id: 'pdf-to-images',
  title: 'PDF to images',
  summary: 'Render the pages of a PDF as PNG, JPEG, WebP, AVIF or TIFF.',
  description:
    'One page gives the image itself, several give a ZIP or a list. The pixels of every page are known from its box before anything is rendered: a page over 50 megapixels is refused, or rendered with fewer dots per inch with `on_limit: reduce`. Scripts, attachments and links of the document are never run or fetched.',
  category: 'converter',
  source: { field: 'file', accepts: ['pdf'], maxFiles: 1, url: 'fetch' },
  options: {
    pages: pages()
      .default('all')
      .describe('Pages to render: all, 1-3,5, 2-, last, odd, even or !4.'),
    format: z
      .enum(['png', 'jpg', 'webp', 'avif', 'tiff'])
      .default('png')
      .describe('Format of the images.'),
    dpi: z
      .int()
      .min(36)
      .max(600)
      .optional()
      .describe(`Dots per inch; ${defaultDpi} when no size is given either.`)
      .meta({ examples: [150, 300] }),
    width: side()
      .optional()
      .describe('Width in pixels that each page is fitted into, instead of dpi.'),
    height: side()
      .optional()
      .describe('Height in pixels that each page is fitted into, instead of dpi.'),
    box: z
      .enum(['crop', 'media', 'trim', 'bleed', 'art'])
      .default('crop')
      .describe('Which box of the page is shown; the media box where the page has none of it.'),
    crop: z
      .strictObject({
        x: z.number().min(0).max(20_000).default(0).describe('From the left edge.'),
        y: z.number().min(0).max(20_000).default(0).describe('From the top edge.'),
        width: z.number().positive().max(20_000).describe('Width of the part.'),
        height: z.number().positive().max(20_000).describe('Height of the part.'),
        unit: z
          .enum(['px', 'pt', 'percent'])
          .default('px')
          .describe('Pixels of the image, points of the page, or percent of either side.'),
      })
      .optional()
      .describe('The part of each page to keep.'),
    trim: z.boolean().default(false).describe('Cut away empty borders.'),
    background: z
      .union([color(), z.literal('transparent')])
      .default('#ffffff')
      .describe('What is behind the page; transparent for png, webp and avif.'),
    color_mode: z
      .enum(['color', 'gray', 'mono'])
      .default('color')
      .describe('Colours, shades of gray, or black and white.'),
    quality: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe(`Quality of jpg, webp and avif; ${defaultPageQuality} by default.`),
    antialias: z.boolean().default(true).describe('Smooth the edges of text and drawings.'),
    annotations: z
      .boolean()
      .default(true)
      .describe('Show comments, stamps and the fields of forms.'),
    password: z.string().min(1).max(255).optional().describe('Password of an encrypted document.'),
    on_limit: z
      .enum(['error', 'reduce'])
      .default('error')
      .describe('What to do with a page over 50 megapixels: refuse, or render it smaller.'),
  },
  check: checkTogether,
  outputs: ['png', 'jpg', 'webp', 'avif', 'tiff'],
  groups: [
    { title: 'Pages', fields: ['pages', 'format', 'dpi', 'width', 'height'] },
    { title: 'Picture', fields: ['color_mode', 'background', 'quality', 'antialias'] },
    { title: 'Part of the page', fields: ['box', 'crop', 'trim'], advanced: true },
    { title: 'Document', fields: ['annotations', 'password', 'on_limit'], advanced: true },
  ],
  example: { pages: '1-3', format: 'png', dpi: 150 },
});

type Together = {
  dpi?: number;
  width?: number;
  height?: number;
  format: string;
  background: string;
  color_mode: string;
  crop?: { x: number; y: number; width: number; height: number; unit: string };
};

function checkTogether(options: Together): Issue[] {
  const { background, color_mode, crop, dpi, format, height, width } = options;
  const issues: Issue[] = [];
  if (dpi !== undefined && (width !== undefined || height !== undefined))
    issues.push({
      path: 'dpi',
      message: `Expected dpi or a size; received dpi ${dpi} and ${width === undefined ? 'height' : 'width'}.`,
    });
  if (background === 'transparent' && (format === 'jpg' || format === 'tiff'))
    issues.push({
      path: 'background',
      message: `Expected a colour for ${format}; transparent needs png, webp or avif.`,
    });
  if (background === 'transparent' && color_mode === 'mono')
    issues.push({
      path: 'background',
      message: 'Expected a colour for color_mode mono; received transparent.',
    });
  if (crop?.unit === 'percent')
    for (const [at, length] of [['x', 'width'] as const, ['y', 'height'] as const])
      if (crop[at] + crop[length] > 100)
        issues.push({
          path: `crop.${length}`,
          message: `Expected ${at} and ${length} of at most 100 percent together; received ${crop[at] + crop[length]}.`,
        });
  return issues;
}
