import type { RunOptions } from '@nebula/contract/tool';
import type { tools } from '@nebula/contract/tools';
import { finishPdf } from '../../documents/finish-pdf.ts';
import type { Engines } from '../../engines/engines.ts';
import type { Job, RunOutput } from '../../jobs/job.ts';
import { effectiveOptions } from './effective-options.ts';
import { loadPage } from './load-page.ts';
import { openSource, type PageSource } from './open-source.ts';
import { printDocument } from './print-document.ts';

export type PdfOptions = RunOptions<(typeof tools)['html-to-pdf']>;
export type PdfJob = Job<PdfOptions>;

/** Prints a page with Chromium; passes over the finished PDF happen only for options that need one. */
export async function runHtmlToPdf(job: PdfJob, { chromium }: Engines): Promise<RunOutput> {
  const source = await openSource(job, chromium.egress);
  const call = {
    accountId: job.accountId,
    signal: job.signal,
    mayReuse: leavesPageAsItWas(source, job.options),
  };
  const { hasUsedNetwork, printed, warnings } = await chromium.withPage(call, async (room) => {
    // A second attempt, after a crash, must not repeat what the first has noted.
    const warnings: Parameters<PdfJob['warn']>[] = [];
    const attempt: PdfJob = { ...job, warn: (...warning) => void warnings.push(warning) };
    job.progress({ percent: 5, stage: 'loading' });
    await loadPage(attempt, source, room);
    job.progress({ percent: 50, stage: 'printing' });
    const printed = await printDocument(attempt, room.page);
    return { printed, warnings, hasUsedNetwork: room.proxy.bytes > 0 };
  });
  for (const warning of warnings) job.warn(...warning);
  job.progress({ percent: 90, stage: 'finishing' });
  return {
    files: [
      {
        type: 'pdf',
        path: await finishPdf(job, { ...printed, creator: 'Chromium' }),
        pages: printed.pages,
      },
    ],
    engine: { name: 'chromium', version: chromium.health().version },
    optionsEffective: effectiveOptions(job.options),
    isRepeatable: source.kind !== 'url' && !hasUsedNetwork && !printsDate(job.options),
  };
}

/** Whether a running title shows the day of the run. */
function printsDate({ footer, header }: PdfOptions): boolean {
  return [header, footer].some((band) => /\bdate\b/.test(JSON.stringify(band ?? '')));
}

/** Whether the account's next job may find the page in the state that a new one has. */
function leavesPageAsItWas(source: PageSource, options: PdfOptions): boolean {
  const { block } = options;
  return (
    source.kind === 'html' &&
    options.javascript_enabled &&
    options.media === 'print' &&
    options.color_scheme === 'light' &&
    options.user_agent === undefined &&
    options.css === undefined &&
    block.types.length + block.patterns.length === 0 &&
    !options.single_page
  );
}
