import { z } from 'zod';
import { color } from '../fields.ts';
import { defineTool, type Issue } from '../tool.ts';

/** The most pixels that an input may have, and that all options together may ask for. */

const side = () => z.int().min(1).max(16383);
const modes = z.enum(['fit', 'fill', 'crop', 'stretch', 'pad']);
const formats = z.enum(['keep', 'png', 'jpg', 'webp', 'avif']);
const quality = () => z.int().min(1).max(100);

const variant = z.strictObject({
  width: side().optional().describe('Width in pixels.'),
  height: side().optional().describe('Height in pixels.'),
  mode: modes.optional().describe('As above, for this size alone.'),
  format: formats.optional().describe('As above, for this size alone.'),
  quality: quality().optional().describe('As above, for this size alone.'),
  name: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'Expected a name of letters, digits, dot, dash and underscore.')
    .optional()
    .describe('Part of the file name; the size by default.'),
});

export const imageResize = defineTool({
  id: 'image-resize',
  title: 'Resize an image',
  summary: 'Scale, crop, pad and re-encode an image, up to ten sizes from one decode.',
  description:
    'Reads JPEG, PNG, WebP, AVIF, GIF, TIFF and SVG, scales with OpenCV, and writes JPEG, PNG, WebP or AVIF. Give `width`, `height` or both; or `percent`; or `max_side`. With `variants` one call gives up to ten sizes as a ZIP.',
  category: 'converter',
  source: {
    field: 'file',
    accepts: ['jpg', 'png', 'webp', 'avif', 'gif', 'tiff', 'svg'],
    maxFiles: 1,
    url: 'fetch',
  },
  options: {
    width: side().optional().describe('Width of the output in pixels.'),
    height: side().optional().describe('Height of the output in pixels.'),
    percent: z
      .number()
      .min(1)
      .max(500)
      .optional()
      .describe('Scale in percent, instead of width and height.'),
    max_side: side().optional().describe('Length of the longer side, instead of width and height.'),
    mode: modes
      .default('fit')
      .describe(
        'What happens when the shape differs: fit inside, fill and cut, crop without scaling, stretch, or pad.',
      ),
    gravity: z
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
        'smart',
      ])
      .default('center')
      .describe(
        'Part that a cut keeps, or where pad places the image; smart finds what stands out.',
      ),
    focus: z
      .strictObject({
        x: z.number().min(0).max(1).describe('From the left edge, 0 to 1.'),
        y: z.number().min(0).max(1).describe('From the top edge, 0 to 1.'),
      })
      .optional()
      .describe('Point that a cut keeps as near to its middle as it can, instead of gravity.'),
    enlarge: z.boolean().default(false).describe('Allow an output larger than the image.'),
    background: color()
      .default('#ffffff')
      .describe('Colour of padding, and behind transparent parts where the format has no alpha.'),
    filter: z
      .enum(['auto', 'nearest', 'linear', 'cubic', 'area', 'lanczos4'])
      .default('auto')
      .describe(
        'Resampling; auto is area when shrinking far, cubic when shrinking a little, and lanczos4 when growing.',
      ),
    format: formats.default('keep').describe('Type of the output; keep is that of the input.'),
    quality: quality().optional().describe('1 to 100; jpg 82, webp 80 and avif 50 by default.'),
    lossless: z.boolean().default(false).describe('Lossless webp or avif.'),
    progressive: z.boolean().default(false).describe('Progressive jpg.'),
    max_bytes: z
      .int()
      .min(256)
      .max(50_000_000)
      .optional()
      .describe('Size limit of each output; the quality is lowered until it fits.'),
    auto_rotate: z.boolean().default(true).describe('Turn the image as its EXIF orientation says.'),
    strip_metadata: z.boolean().default(true).describe('Leave out EXIF and XMP.'),
    rotate: z
      .literal([0, 90, 180, 270])
      .default(0)
      .describe('Clockwise turn in degrees, after auto_rotate.'),
    flip: z.enum(['none', 'horizontal', 'vertical', 'both']).default('none').describe('Mirror.'),
    sharpen: z
      .number()
      .min(0)
      .max(10)
      .default(0)
      .describe('Strength of an unsharp mask; 0 is off.'),
    variants: z
      .array(variant)
      .min(1)
      .max(10)
      .optional()
      .describe('Several sizes from one decode, instead of width and height.'),
  },
  check: checkSizes,
  outputs: ['jpg', 'png', 'webp', 'avif'],
  groups: [
    { title: 'Size', fields: ['width', 'height', 'mode', 'format', 'quality'] },
    {
      title: 'Other sizes',
      fields: ['percent', 'max_side', 'variants', 'enlarge'],
      advanced: true,
    },
    { title: 'Cutting and padding', fields: ['gravity', 'focus', 'background'], advanced: true },
    {
      title: 'Picture',
      fields: ['filter', 'sharpen', 'rotate', 'flip', 'auto_rotate'],
      advanced: true,
    },
    {
      title: 'Encoding',
      fields: ['lossless', 'progressive', 'max_bytes', 'strip_metadata'],
      advanced: true,
    },
  ],
  example: { width: 800, format: 'webp' },
});

type Sizes = {
  width?: number;
  height?: number;
  percent?: number;
  max_side?: number;
  variants?: { width?: number; height?: number; mode?: string }[];
  mode?: string;
};

function checkSizes({ height, max_side, mode, percent, variants, width }: Sizes): Issue[] {
  const ways = [
    ...(width !== undefined || height !== undefined ? ['width/height'] : []),
    ...(percent !== undefined ? ['percent'] : []),
    ...(max_side !== undefined ? ['max_side'] : []),
    ...(variants !== undefined ? ['variants'] : []),
  ];
  if (ways.length > 1) {
    const path = ways.at(-1) === 'width/height' ? 'width' : (ways.at(-1) ?? 'width');
    const message = `Expected one of width/height, percent, max_side or variants; received ${ways.join(' and ')}.`;
    return [{ path, message }];
  }
  const sizes = variants?.map((each, at) => ({ ...each, path: `variants.${at}.` })) ?? [
    { width, height, mode, path: '' },
  ];
  return sizes.flatMap(({ path, ...size }) => checkShape(size, mode, path));
}

function checkShape(
  size: NonNullable<Sizes['variants']>[number],
  mode: string | undefined,
  path: string,
) {
  const shape = size.mode ?? mode ?? 'fit';
  const hasOne = size.width !== undefined || size.height !== undefined;
  const hasBoth = size.width !== undefined && size.height !== undefined;
  if (path !== '' && !hasOne)
    return [{ path: `${path}width`, message: 'Expected width, height or both in each variant.' }];
  if (hasBoth || shape === 'fit') return [];
  if (!hasOne && path === '' && shape === 'stretch') return [];
  const missing = size.width === undefined ? 'width' : 'height';
  return [
    {
      path: `${path}${missing}`,
      message: `mode ${shape} needs width and height; ${missing} is missing.`,
    },
  ];
}
