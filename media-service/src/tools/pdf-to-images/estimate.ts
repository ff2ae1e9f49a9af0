import type { Engines } from '../../engines/engines.ts';
import type { Forecast } from '../../jobs/job.ts';
import { closeAll, openDocument } from './open-document.ts';
import { effectiveOptions, type PagesJob, plan, settingsOf } from './run.ts';

/** Of pages with text and some pictures, as they are on the whole. */
const bytesPerPixel = { png: 0.25, jpg: 0.17, webp: 0.07, avif: 0.05, tiff: 0.3 } as const;
const msPerMegapixel = { png: 40, jpg: 25, webp: 90, avif: 160, tiff: 50 } as const;

/** From the boxes of the pages, which say how many pixels there will be. */
export async function estimatePdfToImages(job: PagesJob, engines: Engines): Promise<Forecast> {
  const settings = settingsOf(job);
  const { first, sessions } = await openDocument(job, engines.ghostscript, settings, 1);
  try {
    const pages = await plan(job, first);
    const { format } = job.options;
    const pixels = pages.reduce((total, { height, width }) => total + height * width, 0);
    return {
      pages: pages.length,
      outputs: pages.length,
      bytes: pixels * bytesPerPixel[format],
      run_ms: 120 + (pixels / 1e6) * msPerMegapixel[format],
      optionsEffective: effectiveOptions(job.options, pages),
    };
  } finally {
    await closeAll(sessions);
  }
}
