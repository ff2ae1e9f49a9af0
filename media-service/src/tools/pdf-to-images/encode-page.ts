import { AppError } from '@nebula/contract/errors';
import { colorToRgba } from '@nebula/contract/fields';
import { defaultPageQuality } from '@nebula/contract/tools/pdf-to-images';
import sharp, { type Sharp } from 'sharp';
import type { RawPage } from '../../engines/ghostscript/read-pixels.ts';
import { markPicture } from '../../test-mark/picture.ts';
import { looksLikePhoto } from './looks-like-photo.ts';
import type { PlannedPage } from './plan-pages.ts';
import type { PagesJob, PagesOptions } from './run.ts';

// The only pixels that come here are those that Ghostscript has drawn, two pages at a time.
sharp.cache(false);
sharp.concurrency(1);

export type Encoded = { path: string; width: number; height: number };

/** A page as it was drawn: its pixels, or a PNG of the device that knows transparency. */
export type Drawn = { raw: RawPage } | { path: string };

/** Cuts, marks for a test key, colours and encodes a page. */
export async function encodePage(
  job: PagesJob,
  planned: PlannedPage,
  drawing: Drawn,
): Promise<Encoded> {
  const { options } = job;
  const part = await cut(open(drawing), options, planned);
  const shown = job.isTest ? await markPicture(part, options.color_mode === 'mono') : part;
  const picture = await colour(shown, options);
  const path = job.outputPath(options.format);
  const isPhoto = 'raw' in drawing && looksLikePhoto(drawing.raw);
  // A hang-up cannot reach into libvips; the deadline can.
  const seconds = Math.max(1, Math.ceil(job.remainingMs() / 1000));
  const { height, width } = await write(picture.timeout({ seconds }), options, planned.dpi, isPhoto)
    .toFile(path)
    .catch((error: unknown) => {
      job.signal.throwIfAborted();
      throw error;
    });
  return { path, width, height };
}

function open(drawing: Drawn): Sharp {
  if ('path' in drawing) return sharp(drawing.path, { limitInputPixels: false });
  const { data, ...raw } = drawing.raw;
  return sharp(data, { raw, limitInputPixels: false });
}

async function cut(picture: Sharp, options: PagesOptions, planned: PlannedPage): Promise<Sharp> {
  const part = options.crop && cropOf(options.crop, planned);
  const cropped = part ? picture.extract(part) : picture;
  if (!options.trim) return cropped;
  const background = options.background === 'transparent' ? '#00000000' : options.background;
  const flat = background === '#00000000' ? cropped : cropped.flatten({ background });
  // Trimming comes before all else in sharp, so that what is cut or filled has to be pixels first.
  const { data, info } = await flat.raw().toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  return sharp(data, { raw, limitInputPixels: false }).trim({ background, threshold: 12 });
}

type Crop = NonNullable<PagesOptions['crop']>;

/** @throws AppError `invalid_input` for a part that reaches over the edge of the page */
function cropOf(crop: Crop, { dpi, height, page, width }: PlannedPage) {
  const scale = { px: [1, 1], pt: [dpi / 72, dpi / 72], percent: [width / 100, height / 100] };
  const [across = 1, down = 1] = scale[crop.unit];
  const left = Math.round(crop.x * across);
  const top = Math.round(crop.y * down);
  const part = {
    left,
    top,
    width: Math.max(1, Math.round((crop.x + crop.width) * across) - left),
    height: Math.max(1, Math.round((crop.y + crop.height) * down) - top),
  };
  // A part that was meant to end at the edge may miss it by a rounded pixel.
  const over = Math.max(part.left + part.width - width, part.top + part.height - height);
  if (over > 1) {
    const message = `Expected a part within the ${width}x${height} pixels of page ${page}; received one of ${part.width}x${part.height} at ${left},${top}.`;
    throw new AppError('invalid_input', message, { param: 'crop' });
  }
  return {
    ...part,
    width: Math.min(part.width, width - left),
    height: Math.min(part.height, height - top),
  };
}

async function colour(picture: Sharp, options: PagesOptions): Promise<Sharp> {
  const { background, color_mode } = options;
  const [r, g, b] = colorToRgba(background === 'transparent' ? '#ffffff' : background);
  const flat =
    background === 'transparent' ? picture : picture.flatten({ background: { r, g, b } });
  if (color_mode === 'color') return flat;
  const gray = flat.grayscale();
  return color_mode === 'gray' ? gray : gray.threshold(128);
}

function write(picture: Sharp, options: PagesOptions, dpi: number, isPhoto: boolean): Sharp {
  const { color_mode, format, quality = defaultPageQuality } = options;
  const density = Math.round(dpi);
  const isMono = color_mode === 'mono';
  const toned = color_mode === 'color' ? picture : picture.toColourspace('b-w');
  switch (format) {
    case 'png':
      if (isMono) return toned.withDensity(density).png({ palette: true, colours: 2, dither: 0 });
      // Text is as small without a filter, and sooner done; photographs are far smaller with one.
      return toned
        .withDensity(density)
        .png({ compressionLevel: isPhoto ? 3 : 6, adaptiveFiltering: isPhoto });
    case 'jpg':
      return toned.withDensity(density).jpeg({ quality });
    case 'webp':
      return toned.webp({ quality });
    case 'avif':
      return toned.avif({ quality, effort: 2 });
    case 'tiff': {
      const perMillimetre = dpi / 25.4;
      const size = { xres: perMillimetre, yres: perMillimetre };
      return isMono
        ? toned.tiff({ ...size, bitdepth: 1, compression: 'ccittfax4' })
        : toned.tiff({ ...size, compression: 'deflate', predictor: 'horizontal' });
    }
  }
}
