import { z } from 'zod';
import { pageNumberPlaces } from '../document-fields.ts';
import { length, pages } from '../fields.ts';
import { lengthToPoints } from '../lengths.ts';
import { defineTool, type Issue } from '../tool.ts';
import { wordMinTextWidth, wordPaperSizes } from '../word-paper.ts';

const paperNames = Object.keys(wordPaperSizes) as [keyof typeof wordPaperSizes];

export const wordToPdf = defineTool({
  id: 'word-to-pdf',
  title: 'Word to PDF',
  summary: 'Turn a Word document (.docx) into a PDF, with a report of what it could not keep.',
  description:
    'Keeps headings, paragraphs, character formats, lists, tables, images, links, footnotes, page breaks, sections, headers and footers with page numbers, and right-to-left and East Asian text. What the document has and the PDF has not, such as charts or equations, is counted in warnings with the code `not_converted`. Arial, Times New Roman, Courier New, Calibri and Cambria are set in fonts of the same widths. Linked images are never fetched.',
  category: 'converter',
  source: { field: 'file', accepts: ['docx'], maxFiles: 1, url: 'fetch' },
  options: {
    page_size: z
      .enum(paperNames)
      .optional()
      .describe('Paper of all pages; that of each section by default.'),
    orientation: z
      .enum(['portrait', 'landscape'])
      .optional()
      .describe('Turn of all pages; that of each section by default.'),
    margin: z
      .strictObject({
        top: length().optional().describe('Top margin.'),
        right: length().optional().describe('Right margin.'),
        bottom: length().optional().describe('Bottom margin.'),
        left: length().optional().describe('Left margin.'),
      })
      .optional()
      .describe('Margins of all pages; a side that is left out is as the section says.'),
    font_family: z
      .enum([
        'Arial',
        'Times New Roman',
        'Courier New',
        'Calibri',
        'Cambria',
        'Noto Sans',
        'Noto Serif',
      ])
      .optional()
      .describe('Font for all text; that of the document by default.'),
    font_size: z
      .number()
      .min(4)
      .max(72)
      .optional()
      .describe('Size of body text in points; all other sizes change in proportion.'),
    line_height: z
      .number()
      .min(0.8)
      .max(3)
      .optional()
      .describe('Distance of lines, 1 for single; as the document says by default.'),
    style_map: z
      .array(z.string().min(4).max(500))
      .max(100)
      .default([])
      .describe(
        "What styles become, as mammoth writes it: p[style-name='Section Title'] => h1. Known are h1 to h6, p, blockquote, pre, code, strong, em, u, s, sup and sub; ! leaves it out.",
      )
      .meta({ examples: [["p[style-name='Section Title'] => h1"]] }),
    page_numbers: pageNumberPlaces().describe(
      'Where to add page numbers, beside those of the document itself.',
    ),
    image_quality: z
      .int()
      .min(1)
      .max(100)
      .default(85)
      .describe('JPEG quality of images that have to be encoded anew.'),
    image_max_dpi: z
      .int()
      .min(36)
      .max(1200)
      .default(300)
      .describe('Images with more dots per inch than this are scaled down.'),
    bookmarks: z.boolean().default(true).describe('Add an outline from the headings.'),
    pages: pages().default('all').describe('Pages to keep: all, 1-3,5, 2-, last, odd, even or !4.'),
    password: z.string().min(1).max(255).optional().describe('Password of an encrypted document.'),
  },
  check: checkMargins,
  outputs: ['pdf'],
  groups: [
    { title: 'Page', fields: ['page_size', 'orientation', 'margin', 'page_numbers'] },
    { title: 'Text', fields: ['font_family', 'font_size', 'line_height'], advanced: true },
    { title: 'Styles', fields: ['style_map'], advanced: true },
    { title: 'Images', fields: ['image_quality', 'image_max_dpi'], advanced: true },
    { title: 'Document', fields: ['pages', 'bookmarks', 'password'], advanced: true },
  ],
  example: { page_size: 'A4' },
});

type Together = {
  page_size?: keyof typeof wordPaperSizes;
  orientation?: 'portrait' | 'landscape';
  margin?: { top?: string; right?: string; bottom?: string; left?: string };
};

/** Margins that are given together must fit on the paper that is given with them. */
function checkMargins({ margin, orientation, page_size }: Together): Issue[] {
  if (!margin || !page_size) return [];
  const [width, height] = wordPaperSizes[page_size];
  const isTurned =
    orientation !== undefined && (orientation === 'landscape') !== Number(width) > Number(height);
  const [across, down] = isTurned ? [height, width] : [width, height];
  const sum = (...sides: (string | undefined)[]) =>
    sides.reduce((total, side) => total + (side === undefined ? 0 : lengthToPoints(side)), 0);
  const check = (path: string, room: number, used: number): Issue[] =>
    room - used >= wordMinTextWidth
      ? []
      : [
          {
            path,
            message: `Expected margins to leave at least 0.5in of ${page_size}; received ${Math.round(used)} of ${Math.round(room)} points.`,
          },
        ];
  return [
    ...check('margin.left', across, sum(margin.left, margin.right)),
    ...check('margin.top', down, sum(margin.top, margin.bottom)),
  ];
}
