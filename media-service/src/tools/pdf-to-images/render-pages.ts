import { rename } from 'node:fs/promises';
import { AppError } from '@nebula/contract/errors';
import { takePixels } from '../../engines/ghostscript/read-pixels.ts';
import type { Session } from '../../engines/ghostscript/session.ts';
import { shortageBelow } from '../../jobs/shortage.ts';
import { type Encoded, encodePage } from './encode-page.ts';
import type { PlannedPage } from './plan-pages.ts';
import type { PagesJob } from './run.ts';

/** Larger pages are encoded before the next is drawn, so that memory stays small. */
const largePixels = 12_000_000;

const bytesPerPixel = 4;

/** Renders pages, each in the session that is free first. */
export async function renderPages(
  job: PagesJob,
  pages: readonly PlannedPage[],
  sessions: readonly Promise<Session>[],
): Promise<Encoded[]> {
  const encoded: Encoded[] = [];
  let next = 0;
  let done = 0;
  const keep = (at: number, made: Encoded) => {
    encoded[at] = made;
    done += 1;
    const message = `${done} of ${pages.length} pages`;
    job.progress({ percent: 5 + (90 * done) / pages.length, stage: 'rendering', message });
  };
  const work = async (opening: Promise<Session>) => {
    const session = await opening;
    let encoding: Promise<void> = Promise.resolve();
    let buffer: Buffer | undefined;
    for (let at = next++; at < pages.length; at = next++) {
      const page = pages[at] as PlannedPage;
      const isLarge = page.width * page.height > largePixels;
      if (isLarge) await encoding;
      const path = await draw(job, session, page);
      // The pixels of the page before are in use until it is written.
      await encoding;
      if (isFinal(path, job)) {
        encoding = takeFile(job, page, path).then((made) => keep(at, made));
      } else {
        const raw = path.endsWith('.png') ? undefined : await takePixels(path, buffer);
        const drawn = raw ? { raw } : { path };
        if (raw && !isLarge) buffer = raw.data;
        encoding = encodePage(job, page, drawn).then((made) => keep(at, made));
      }
      // A failure is seen where the promise is awaited, one page later.
      encoding.catch(() => {});
    }
    await encoding;
  };
  // All are waited for: what still writes into the job's folder must not outlive the job.
  const ends = await Promise.allSettled(sessions.map(work));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return encoded;
}

async function draw(
  { dir }: PagesJob,
  session: Session,
  { dpi, height, page, sheet, width }: PlannedPage,
): Promise<string> {
  const across = exactDpi(sheet.width, width, dpi);
  const down = exactDpi(sheet.height, height, dpi);
  const path = await session.draw(page, sheet, [across, down]);
  if (path) return path;
  // It says the same of a page that it cannot draw and of one that it cannot write.
  const short = await shortageBelow(width * height * bytesPerPixel, dir);
  if (short) throw short;
  throw new AppError('corrupt_input', `Page ${page} is damaged and could not be rendered.`, {
    extra: { page },
  });
}

/**
 * Ghostscript cuts a size to whole pixels, in numbers of seven digits. Where that gives one less
 * than was planned, the page is stretched by a part of a pixel.
 */
function exactDpi(points: number, pixels: number, dpi: number): number {
  const margin = Math.max(0.002, pixels * 3e-7);
  const isEnough = Math.floor((points * dpi) / 72 - margin) === pixels;
  return isEnough ? dpi : ((pixels + margin) * 72) / points;
}

/** The JPEG device is taken only where nothing is left to do. */
const isFinal = (path: string, { options }: PagesJob) =>
  options.format === 'jpg' && path.endsWith('.jpg');

async function takeFile(
  job: PagesJob,
  { height, width }: PlannedPage,
  drawn: string,
): Promise<Encoded> {
  const path = job.outputPath('jpg');
  await rename(drawn, path);
  return { path, width, height };
}
