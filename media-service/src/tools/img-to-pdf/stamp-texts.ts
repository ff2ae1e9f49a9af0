import { rm } from 'node:fs/promises';
import { overlayPages } from '../../engines/qpdf.ts';
import type { WordPool } from '../../engines/word.ts';
import type { Stamped, StampedText, StampRequest } from '../word-to-pdf/stamp.ts';
import { captionSize, type PlannedPage } from './plan-pages.ts';
import type { ImagesJob } from './run.ts';

const numberSize = 9;
const edge = 24;

/**
 * Puts captions and page numbers over the pages. They are set by the process that sets Word
 * documents, which has the fonts and the rules of all scripts.
 *
 * @returns the path of the document, a new one where there were texts
 */
export async function stampTexts(
  job: ImagesJob,
  word: WordPool,
  pages: readonly PlannedPage[],
  path: string,
): Promise<string> {
  const texts = pages.map((page, index) => [
    ...page.pictures.flatMap(captionOf),
    ...numberOf(job.options.page_numbers, page, index + 1),
  ]);
  if (texts.every((each) => each.length === 0)) return path;
  const overlay = job.outputPath('pdf');
  const request: StampRequest = {
    stamp: pages.map(({ height, width }, index) => ({ width, height, texts: texts[index] ?? [] })),
    output: overlay,
  };
  const { warnings } = await word.request<Stamped>(request, job.signal);
  for (const { code, facts, message } of warnings) job.warn(code, message, facts);
  const output = job.outputPath('pdf');
  await overlayPages({ input: path, overlay, from: 1, to: pages.length, output }, job);
  await Promise.all([path, overlay].map((each) => rm(each, { force: true })));
  return output;
}

function captionOf({ caption }: PlannedPage['pictures'][number]): StampedText[] {
  if (!caption) return [];
  const { at, text } = caption;
  return [{ text, align: 'center', size: captionSize, color: '#333333', at }];
}

function numberOf(place: string, { height, width }: PlannedPage, number: number): StampedText[] {
  if (place === 'none') return [];
  const [side = '', align = 'center'] = place.split('-') as [string, 'left' | 'center' | 'right'];
  const y = side === 'top' ? height - edge - numberSize : edge - numberSize;
  const room = Math.max(1, width - 2 * edge);
  const at = { x: edge, y, width: room, height: numberSize * 1.4 };
  return [{ text: String(number), align, size: numberSize, color: '#444444', at }];
}
