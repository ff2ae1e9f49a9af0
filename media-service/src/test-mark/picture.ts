import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { markLines, markOpacity, markSide, markTurn } from './strokes.ts';

/** A file of this name in the job's folder holds the mark for engines that read pictures. */
export const markFile = 'test-mark.png';

/** Large enough for what is not much larger than a screen; above it its edges are a little soft. */
const fileSide = 2048;

let drawn: Promise<Buffer> | undefined;

/** Puts the mark into the job's folder: a square, transparent where it is not. */
export async function writeMark({ dir }: { dir: string }): Promise<string> {
  drawn ??= drawFile();
  const path = join(dir, markFile);
  await writeFile(path, await drawn);
  return path;
}

/** What could not be drawn now is drawn for the next job. */
function drawFile(): Promise<Buffer> {
  const file = sharp(markSvg(fileSide)).png({ compressionLevel: 3 }).toBuffer();
  file.catch(() => {
    drawn = undefined;
  });
  return file;
}

/**
 * Lays the mark over the middle of a picture.
 *
 * @param isMono of what will be black and white, a raster of points is turned around instead
 */
export async function markPicture(picture: Sharp, isMono: boolean): Promise<Sharp> {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  const { channels, height, width } = info;
  const side = Math.min(width, height);
  const mark = {
    ...(isMono
      ? { input: rasterSvg(side), blend: 'difference' as const }
      : { input: markSvg(side) }),
    left: Math.floor((width - side) / 2),
    top: Math.floor((height - side) / 2),
    limitInputPixels: false,
  };
  const plain = sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
  const marked = plain.composite([mark]);
  const hasAlpha = channels === 2 || channels === 4;
  const made = await (hasAlpha ? marked : marked.removeAlpha())
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width, height, channels: made.info.channels };
  return sharp(made.data, { raw, limitInputPixels: false });
}

const middle = markSide / 2;

function markSvg(side: number): Buffer {
  const lines = markLines.map(({ path, shade, width }) => {
    const grey = Math.round(shade * 255);
    return `<path d="${path}" stroke="rgb(${grey},${grey},${grey})" stroke-width="${width}"/>`;
  });
  return drawSvg(side, `<g opacity="${markOpacity}">${lines.join('')}</g>`);
}

/** A quarter of the pixels, four at a time, whatever the size: what black and white have for grey. */
function rasterSvg(side: number): Buffer {
  const cell = (4 * markSide) / side;
  const square = `<path d="M0 0h${cell / 2}v${cell / 2}h${-cell / 2}z" fill="#fff"/>`;
  const pattern = `<pattern id="raster" width="${cell}" height="${cell}" patternUnits="userSpaceOnUse" patternTransform="rotate(${markTurn} ${middle} ${middle})">${square}</pattern>`;
  const lines = markLines
    .filter(({ shade }) => shade < 1)
    .map(({ path, width }) => `<path d="${path}" stroke="url(#raster)" stroke-width="${width}"/>`);
  return drawSvg(side, `${pattern}${lines.join('')}`);
}

function drawSvg(side: number, content: string): Buffer {
  const turn = `transform="rotate(${-markTurn} ${middle} ${middle})"`;
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="0 0 ${markSide} ${markSide}">
      <g fill="none" stroke-linecap="square" stroke-linejoin="round" ${turn}>${content}</g></svg>`,
  );
}
