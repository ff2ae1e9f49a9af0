import type { WarningCode } from '@nebula/contract/warnings';
import type { DocxPackage } from '../package/open-package.ts';
import type { FidelityReport } from '../parse/fidelity.ts';
import type { Picture } from '../parse/model.ts';

/** A picture as the PDF holds it. */
export type PreparedPicture =
  | { kind: 'jpeg'; data: Buffer; width: number; height: number }
  | {
      kind: 'pixels';
      width: number;
      height: number;
      /** Deflated samples, and how they are to be read. */
      data: Buffer;
      colors: 1 | 3;
      predictor: boolean;
      /** Deflated 8-bit transparency. */
      alpha?: Buffer;
      palette?: Buffer;
      bits: number;
    };

export type PictureHeader = { width: number; height: number; format: string };

export type Pictures = {
  /** Reads every picture's header, so that layout knows the sizes. */
  readHeaders: (pictures: readonly Picture[]) => Promise<void>;
  size: (picture: Picture) => { width: number; height: number };
  /** The picture for a place of the given size in points; undefined where it cannot be read. */
  prepare: (
    picture: Picture,
    place: { width: number; height: number },
  ) => Promise<PreparedPicture | undefined>;
};

type Wishes = { quality: number; maxDpi: number };

const maxPixels = 100_000_000;

/** Formats of Windows that nothing here can draw. */
const metafile = /\.(emf|wmf|emz|wmz|pict|pcz)$/i;

/** Reads pictures from the package; JPEG and plain PNG go into the PDF as they are. */
export function createPictures(
  file: DocxPackage,
  wishes: Wishes,
  {
    report,
    warn,
  }: {
    report: FidelityReport;
    warn: (code: WarningCode, message: string, facts?: Record<string, unknown>) => void;
  },
): Pictures {
  const headers = new Map<string, PictureHeader | undefined>();
  const told = new Set<string>();

  const loadSharp = async () => {
    const { default: sharp } = await import('sharp');
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  };

  const giveUp = (part: string) => {
    headers.set(part, undefined);
    if (told.has(part)) return;
    told.add(part);
    if (metafile.test(part)) report.add('metafile');
    else {
      const image = part.split('/').at(-1)?.slice(0, 100) ?? '';
      warn('image_unreadable', `The image ${image} could not be read; its place is empty.`, {
        image,
      });
    }
  };

  const readHeader = async (part: string) => {
    if (headers.has(part)) return;
    if (!file.has(part) || metafile.test(part)) {
      giveUp(part);
      return;
    }
    const data = await file.read(part);
    const plain = readJpegHeader(data) ?? readPngHeader(data);
    if (plain) {
      if (plain.width * plain.height > maxPixels) giveUp(part);
      else headers.set(part, plain);
      return;
    }
    try {
      const sharp = await loadSharp();
      const meta = await sharp(data, { limitInputPixels: maxPixels }).metadata();
      headers.set(part, { width: meta.width, height: meta.height, format: meta.format });
    } catch {
      giveUp(part);
    }
  };

  return {
    readHeaders: async (pictures) => {
      for (const { part } of pictures) await readHeader(part);
    },
    size: (picture) => {
      const { height, width } = picture;
      if (width && height) return { width, height };
      const header = headers.get(picture.part);
      // Without a size in the document a pixel is 1/96 inch.
      return { width: (header?.width ?? 96) * 0.75, height: (header?.height ?? 96) * 0.75 };
    },
    prepare: async (picture, place) => {
      const header = headers.get(picture.part);
      if (!header) return undefined;
      const data = await file.read(picture.part);
      const dpi = (header.width * visibleShare(picture)) / (place.width / 72);
      const isTooFine = dpi > wishes.maxDpi * 1.05;
      try {
        if (!isTooFine && header.format === 'jpeg')
          return { kind: 'jpeg', data, width: header.width, height: header.height };
        const plain = isTooFine ? undefined : readPlainPng(data, header);
        if (plain) return plain;
        const { encodePicture } = await import('./encode-picture.ts');
        const scale = isTooFine ? wishes.maxDpi / dpi : 1;
        const width = Math.max(1, Math.round(header.width * scale));
        return await encodePicture(data, { width, quality: wishes.quality, maxPixels });
      } catch {
        giveUp(picture.part);
        return undefined;
      }
    },
  };
}

function visibleShare({ crop }: Picture): number {
  return crop ? 1 - crop.left - crop.right : 1;
}

/** Size of a JPEG that PDF readers can show as it is: 8 bits, gray or three colours. */
function readJpegHeader(data: Buffer): PictureHeader | undefined {
  if (data.length < 4 || data.readUInt16BE(0) !== 0xffd8) return undefined;
  let at = 2;
  while (at + 9 < data.length) {
    if (data[at] !== 0xff) return undefined;
    const marker = data[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      const components = data[at + 9];
      const isPlain =
        marker <= 0xc2 && data[at + 4] === 8 && (components === 1 || components === 3);
      if (!isPlain) return undefined;
      const height = data.readUInt16BE(at + 5);
      const width = data.readUInt16BE(at + 7);
      return width > 0 && height > 0 ? { width, height, format: 'jpeg' } : undefined;
    }
    at += 2 + data.readUInt16BE(at + 2);
  }
  return undefined;
}

const pngMagic = '89504e470d0a1a0a';

function readPngHeader(data: Buffer): PictureHeader | undefined {
  if (data.length < 33 || data.subarray(0, 8).toString('hex') !== pngMagic) return undefined;
  const width = data.readUInt32BE(16);
  const height = data.readUInt32BE(20);
  return width > 0 && height > 0 ? { width, height, format: 'png' } : undefined;
}

/**
 * The samples of a PNG without transparency and interlacing, still deflated: PDF knows the filters
 * of PNG, so nothing has to be decoded.
 */
function readPlainPng(
  data: Buffer,
  { format, height, width }: PictureHeader,
): PreparedPicture | undefined {
  if (format !== 'png') return undefined;
  const bits = data[24] ?? 0;
  const colorType = data[25] ?? 0;
  const isInterlaced = data[28] !== 0;
  const isKnown = colorType === 0 || colorType === 2 || colorType === 3;
  if (!isKnown || isInterlaced || bits > 8) return undefined;
  const samples: Buffer[] = [];
  let palette: Buffer | undefined;
  for (let at = 8; at + 12 <= data.length; ) {
    const length = data.readUInt32BE(at);
    const kind = data.toString('latin1', at + 4, at + 8);
    if (at + 12 + length > data.length) return undefined;
    const body = data.subarray(at + 8, at + 8 + length);
    if (kind === 'tRNS') return undefined;
    if (kind === 'PLTE') palette = body;
    if (kind === 'IDAT') samples.push(body);
    if (kind === 'IEND') {
      if (samples.length === 0 || (colorType === 3 && !palette)) return undefined;
      return {
        kind: 'pixels',
        width,
        height,
        data: Buffer.concat(samples),
        colors: colorType === 2 ? 3 : 1,
        predictor: true,
        palette: colorType === 3 ? palette : undefined,
        bits,
      };
    }
    at += 12 + length;
  }
  return undefined;
}
