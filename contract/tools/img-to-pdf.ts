import { z } from 'zod';
import { pageNumberPlaces, pdfEncryption, pdfMetadata } from '../document-fields.ts';
import { color, length } from '../fields.ts';
import { lengthToPoints } from '../lengths.ts';
import { defineTool, type Issue } from '../tool.ts';

/** Sides of each paper in points, upright. */
export const imagePaperSizes = {
  A3: [841.89, 1190.55],
  A4: [595.28, 841.89],
  A5: [419.53, 595.28],
  Letter: [612, 792],
  Legal: [612, 1008],
} as const;

/** Sides of a page in points that readers open. */
export const imagePageLimits = { min: 36, max: 14_400 } as const;

/** JPEG quality of what has to be encoded anew. */
export const defaultImageQuality = 85;

const fits = z.enum(['contain', 'cover', 'stretch', 'none']);

export const imgToPdf = defineTool({
  id: 'img-to-pdf',
  title: 'Images to PDF',
  summary: 'Put images on the pages of a PDF, without losing a pixel where nothing has to change.',
  description:
    'Takes jpg, png, webp, avif, gif and tiff in the order they are given; a TIFF or GIF of several pages or frames gives a page for each. A JPEG goes in byte for byte and a PNG without transparency as it is packed; only what has to change is encoded anew. The rotation that a camera has noted is applied.',
  category: 'converter',
  source: {
    field: 'files',
    accepts: ['jpg', 'png', 'webp', 'avif', 'gif', 'tiff'],
    maxFiles: 100,
    url: 'fetch',
  },
  options: {
    page_size: z
      .enum(['fit', 'A3', 'A4', 'A5', 'Letter', 'Legal', 'custom'])
      .default('A4')
      .describe('Paper; fit makes each page as large as its image at 96 pixels an inch.'),
    page_width: length().optional().describe('Width of a custom page.'),
    page_height: length().optional().describe('Height of a custom page.'),
    orientation: z
      .enum(['auto', 'portrait', 'landscape'])
      .default('auto')
      .describe('Turn of the paper; auto follows the first image of each page.'),
    margin: z.number().min(0).max(500).default(0).describe('Margin on all sides, in points.'),
    fit: fits
      .default('contain')
      .describe('Inside its place, covering it, stretched to it, or at 96 pixels an inch.'),
    align: z
      .enum([
        'center',
        'north',
        'northeast',
        'east',
        'southeast',
        'south',
        'southwest',
        'west',
        'northwest',
      ])
      .default('center')
      .describe('Where an image stands in its place, and which part a cut keeps.'),
    layout: z
      .strictObject({
        per_page: z
          .literal([1, 2, 4, 6, 9])
          .optional()
          .describe('Images on a page; columns and rows follow.'),
        columns: z.int().min(1).max(10).optional().describe('Columns, with rows.'),
        rows: z.int().min(1).max(10).optional().describe('Rows, with columns.'),
      })
      .optional()
      .describe('Several images on a page: per_page, or columns and rows.'),
    gap: z.number().min(0).max(500).default(0).describe('Between images of a page, in points.'),
    background: color()
      .default('#ffffff')
      .describe('Colour of the page, and behind transparent parts.'),
    images: z
      .array(
        z.strictObject({
          rotate: z
            .literal([0, 90, 180, 270])
            .default(0)
            .describe('Degrees to turn the image, clockwise.'),
          fit: fits.optional().describe('Instead of the fit of the document.'),
          caption: z.string().max(300).optional().describe('Text below the image.'),
        }),
      )
      .max(100)
      .default([])
      .describe('Settings of single images, in their order; {} for one without.'),
    merge: z.boolean().default(true).describe('One document; false for one an image.'),
    quality: z
      .int()
      .min(1)
      .max(100)
      .default(defaultImageQuality)
      .describe('JPEG quality of images that have to be encoded anew.'),
    max_dpi: z
      .int()
      .min(36)
      .max(1200)
      .optional()
      .describe('Images with more dots per inch than this are scaled down.'),
    color_mode: z.enum(['color', 'gray']).default('color').describe('Colours, or shades of gray.'),
    page_numbers: pageNumberPlaces().describe('Where to put page numbers.'),
    metadata: pdfMetadata(),
    encrypt: pdfEncryption(),
  },
  check: checkTogether,
  outputs: ['pdf'],
  groups: [
    { title: 'Page', fields: ['page_size', 'orientation', 'margin', 'fit', 'align'] },
    { title: 'Several on a page', fields: ['layout', 'gap'], advanced: true },
    { title: 'Single images', fields: ['images'], advanced: true },
    { title: 'Custom page', fields: ['page_width', 'page_height', 'background'], advanced: true },
    { title: 'Size', fields: ['quality', 'max_dpi', 'color_mode'], advanced: true },
    {
      title: 'Document',
      fields: ['merge', 'page_numbers', 'metadata', 'encrypt'],
      advanced: true,
    },
  ],
  example: { page_size: 'A4', margin: 24 },
});

type Together = {
  page_size: string;
  page_width?: string;
  page_height?: string;
  margin: number;
  gap: number;
  layout?: { per_page?: number; columns?: number; rows?: number };
  files?: unknown[];
  images: unknown[];
};

function checkTogether(options: Together): Issue[] {
  return [...checkPaper(options), ...checkLayout(options), ...checkImages(options)];
}

function checkPaper({ margin, page_height, page_size, page_width }: Together): Issue[] {
  const issues: Issue[] = [];
  const sides = { page_width, page_height };
  for (const [path, side] of Object.entries(sides)) {
    if (page_size === 'custom' && side === undefined)
      issues.push({ path, message: 'Expected a length for page_size custom; received none.' });
    if (page_size !== 'custom' && side !== undefined)
      issues.push({ path, message: `Expected page_size custom; received ${page_size}.` });
    if (side === undefined) continue;
    const points = lengthToPoints(side);
    const { max, min } = imagePageLimits;
    if (points < min || points > max)
      issues.push({
        path,
        message: `Expected ${min}pt to ${max}pt; received ${Math.round(points)}pt.`,
      });
  }
  const paper =
    page_size === 'custom'
      ? [page_width, page_height].map((side) => (side ? lengthToPoints(side) : Infinity))
      : imagePaperSizes[page_size as keyof typeof imagePaperSizes];
  const room = Math.min(...(paper ?? [Infinity])) - 2 * margin;
  if (room < 18)
    issues.push({
      path: 'margin',
      message: `Expected a margin that leaves 18 points of the page; received ${margin}.`,
    });
  return issues;
}

function checkLayout({ gap, layout, margin, page_size }: Together): Issue[] {
  if (!layout) return [];
  const { columns, per_page, rows } = layout;
  const isGrid = columns !== undefined && rows !== undefined;
  if ((per_page === undefined) !== isGrid || (columns === undefined) !== (rows === undefined))
    return [{ path: 'layout', message: 'Expected per_page, or columns and rows.' }];
  const issues: Issue[] = [];
  if (page_size === 'fit' && (per_page ?? (columns ?? 1) * (rows ?? 1)) > 1)
    issues.push({
      path: 'page_size',
      message: 'Expected a paper size for several images on a page; received fit.',
    });
  const paper = imagePaperSizes[page_size as keyof typeof imagePaperSizes];
  const most = Math.max(columns ?? 1, rows ?? 1, per_page === undefined ? 1 : 3);
  if (paper && paper[0] - 2 * margin - (most - 1) * gap < 12 * most)
    issues.push({
      path: 'gap',
      message: `Expected a gap that leaves 12 points for each image; received ${gap}.`,
    });
  return issues;
}

function checkImages({ files, images }: Together): Issue[] {
  if (!files || images.length <= files.length) return [];
  const message = `Expected settings for at most ${files.length} images; received ${images.length}.`;
  return [{ path: 'images', message }];
}
