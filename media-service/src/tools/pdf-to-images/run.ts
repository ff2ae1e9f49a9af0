import { AppError } from '@nebula/contract/errors';
import type { RunOptions } from '@nebula/contract/tool';
import type { tools } from '@nebula/contract/tools';
import { defaultDpi, defaultPageQuality } from '@nebula/contract/tools/pdf-to-images';
import type { Engines } from '../../engines/engines.ts';
import { layOut } from '../../engines/ghostscript/page-box.ts';
import type { Device, Session } from '../../engines/ghostscript/session.ts';
import type { Job, RunOutput } from '../../jobs/job.ts';
import { selectPages } from '../../jobs/select-pages.ts';
import { closeAll, openDocument } from './open-document.ts';
import { type PlannedPage, planPages } from './plan-pages.ts';
import { renderPages } from './render-pages.ts';

export type PagesOptions = RunOptions<(typeof tools)['pdf-to-images']>;
export type PagesJob = Job<PagesOptions>;

/** The most pages that one run renders. */
const maxPages = 1_000;

/** A document of this size has a page or two. */
const smallDocumentBytes = 20_000;

/** Two, because the machine is shared with other jobs; one where a second would be for nothing. */
function lanesFor({ files, options }: PagesJob): number {
  const isOnePage = /^\s*(\d+|last)\s*$/.test(options.pages);
  return isOnePage || (files[0]?.size ?? 0) < smallDocumentBytes ? 1 : 2;
}

/** Looks at the boxes of the pages, then renders them in two processes at once. */
export async function runPdfToImages(job: PagesJob, engines: Engines): Promise<RunOutput> {
  const { ghostscript } = engines;
  job.progress({ percent: 1, stage: 'reading' });
  const settings = settingsOf(job);
  const { first, sessions } = await openDocument(job, ghostscript, settings, lanesFor(job));
  try {
    const pages = await plan(job, first);
    warnOfUnused(job);
    const encoded = await renderPages(job, pages, sessions);
    warnOfDamage(job, await first.finish());
    return {
      files: pages.map(({ dpi, page }, at) => ({
        path: encoded[at]?.path ?? '',
        type: job.options.format,
        width: encoded[at]?.width,
        height: encoded[at]?.height,
        page,
        dpi: Math.round(dpi * 100) / 100,
      })),
      engine: { name: 'ghostscript', version: ghostscript.health().version },
      optionsEffective: effectiveOptions(job.options, pages),
    };
  } finally {
    await closeAll(sessions);
  }
}

/** The pages that were asked for, with the sizes that they will have. */
export async function plan(job: PagesJob, session: Session): Promise<PlannedPage[]> {
  const wanted = selectPages(job.options.pages, session.pageCount);
  if (wanted.length > maxPages) {
    const message = `Expected at most ${maxPages} pages in one run, received ${wanted.length}; name fewer in pages.`;
    throw new AppError('input_too_complex', message, { param: 'pages' });
  }
  const isFirstWanted = wanted[0] === 1;
  const described = await session.describe(isFirstWanted ? wanted : [1, ...wanted]);
  const [first] = described;
  // A page that says nothing of itself is described as none.
  const { height, width } =
    first?.page === 1 ? layOut(first, 'crop') : { height: undefined, width: undefined };
  const round = (side: number | undefined) => side && Math.round(side);
  job.noteInput({ pages: session.pageCount, width: round(width), height: round(height) });
  return planPages(job, isFirstWanted ? described : described.slice(1));
}

/** How Ghostscript draws for these options: the device that leaves the least to do. */
export function settingsOf({ isTest, options }: Pick<PagesJob, 'isTest' | 'options'>) {
  const { antialias, annotations, quality = defaultPageQuality } = options;
  return { antialias, annotations, quality, device: deviceFor(options, isTest) };
}

function deviceFor(
  { background, color_mode, crop, format, trim }: PagesOptions,
  isMarked: boolean,
): Device {
  if (!/^#fff(fff(ff)?)?$/i.test(background)) return 'pngalpha';
  if (color_mode !== 'color') return 'pgmraw';
  return format === 'jpg' && !crop && !trim && !isMarked ? 'jpeg' : 'ppmraw';
}

function warnOfUnused({ options, warn }: PagesJob): void {
  if (options.quality !== undefined && (options.format === 'png' || options.format === 'tiff'))
    warn('option_ignored', `quality does not apply to ${options.format}, which loses nothing.`);
}

/** Ghostscript mends what it can; that it had to is told. */
function warnOfDamage({ warn }: PagesJob, errors: string[]): void {
  if (errors.length > 0)
    warn('input_damaged', 'The PDF is damaged; what could be mended was rendered.', { errors });
}

/** Every option with the value that was used, and the pages by number. */
export function effectiveOptions(
  { password: _secret, ...options }: PagesOptions,
  pages: readonly PlannedPage[],
): Record<string, unknown> {
  const isFitted = options.width !== undefined || options.height !== undefined;
  const isLossy = options.format !== 'png' && options.format !== 'tiff';
  return {
    ...options,
    pages: pages.map(({ page }) => page),
    ...(isFitted ? {} : { dpi: options.dpi ?? defaultDpi }),
    ...(isLossy ? { quality: options.quality ?? defaultPageQuality } : {}),
  };
}
