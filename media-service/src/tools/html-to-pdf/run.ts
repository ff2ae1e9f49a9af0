import { readFile } from 'node:fs/promises';
import { AppError } from '@nebula/contract/errors';
import type { RunOptions } from '@nebula/contract/tool';
import type { tools } from '@nebula/contract/tools';
import type { Engines } from '../../engines/engines.ts';
import type { Job, RunOutput } from '../../jobs/job.ts';
import { finishDocument } from './finish-document.ts';
import { loadPage } from './load-page.ts';
import { printDocument } from './print-document.ts';
import { type Bundle, openBundle } from './read-bundle.ts';

export type PdfOptions = RunOptions<(typeof tools)['html-to-pdf']>;
export type PdfJob = Job<PdfOptions>;

/** What is printed: HTML in hand, an address, or the files of a bundle. */
export type PageSource =
  | { kind: 'html'; html: string }
  | { kind: 'url'; url: string }
  | { kind: 'bundle'; bundle: Bundle };

/** Prints a page with Chromium; passes over the finished PDF happen only for options that need them. */
export async function runHtmlToPdf(job: PdfJob, { chromium }: Engines): Promise<RunOutput> {
  const source = await openSource(job);
  const call = {
    accountId: job.accountId,
    signal: job.signal,
    leavesNoTrace: source.kind === 'html' && !loadsAddresses(source.html, job.options),
  };
  const printed = await chromium.withPage(call, async ({ context, page, proxy }) => {
    job.progress({ percent: 10, stage: 'loading' });
    await loadPage(job, source, { context, page, proxy });
    job.progress({ percent: 60, stage: 'printing' });
    return printDocument(job, page);
  });
  job.progress({ percent: 90, stage: 'finishing' });
  const { path, pages } = await finishDocument(job, printed);
  const {
    html: _html,
    output: _output,
    strict: _strict,
    timeout_seconds: _time,
    ...rest
  } = job.options;
  return {
    files: [{ path, type: 'pdf', pages }],
    engine: { name: 'chromium', version: chromium.health().version },
    optionsEffective: withoutSecrets(rest),
  };
}

async function openSource({ files, options, signal }: PdfJob): Promise<PageSource> {
  if (options.html !== undefined) return { kind: 'html', html: options.html };
  if (options.url !== undefined) return { kind: 'url', url: options.url };
  const file = files[0];
  if (!file) throw new AppError('invalid_input', 'Expected html, url or a file; received none.');
  if (file.type === 'zip') return { kind: 'bundle', bundle: await openBundle(file.path, signal) };
  return { kind: 'html', html: decodeHtml(await readFile(file.path)) };
}

/** HTML files say their own encoding; without a word it is UTF-8. */
function decodeHtml(bytes: Buffer): string {
  const head = bytes.subarray(0, 1024).toString('latin1');
  const named = /<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)/i.exec(head)?.[1];
  try {
    return new TextDecoder(named ?? 'utf-8').decode(bytes);
  } catch {
    return new TextDecoder('utf-8').decode(bytes);
  }
}

/**
 * Whether a document could load anything at all: then its context may hold cookies or a cache
 * afterwards, and is not used again. A text that only mentions an address is taken for one that does.
 */
function loadsAddresses(html: string, { css, javascript }: PdfOptions): boolean {
  return /https?:|\/\/|wss?:|blob:|worker/i.test(
    `${html}${css ?? ''}${javascript ?? ''}`.replace(/xmlns(:\w+)?="[^"]*"/g, ''),
  );
}

function withoutSecrets(options: Record<string, unknown>): Record<string, unknown> {
  const { basic_auth: auth, cookies, encrypt, headers, ...rest } = options;
  const hidden = Object.entries({ basic_auth: auth, cookies, encrypt, headers }).filter(
    ([, value]) => value !== undefined,
  );
  return { ...rest, ...Object.fromEntries(hidden.map(([name]) => [name, '[set]'])) };
}
