import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '@nebula/contract/errors';
import type { Page } from 'puppeteer';
import { evaluateInPage } from './evaluate.ts';
import { messageOf, type PageWatch } from './page-watch.ts';
import type { PdfJob } from './run.ts';

/** The time that a page has to become ready. */
export type Wait = {
  /** At least 1, because 0 means for ever to Puppeteer. */
  leftMs: () => number;
  /** Warns that `what` has not come in time. */
  missed: (what: string) => void;
};

/** Printing needs time too: a quarter of what there is, but no more than this. */
const maxPrintMs = 15_000;
const quietMs = 100;
const longestQuietMs = 3_000;
/** Fonts that are there take no time, and are waited for even where no time is left. */
const fontsMs = 1_000;
const fontsReady = 'document.fonts.ready.then(() => 1)';

export function createWait({ options, remainingMs, warn }: PdfJob): Wait {
  const remaining = remainingMs();
  const totalMs = Math.min(
    options.wait.timeout_ms,
    remaining - Math.min(maxPrintMs, remaining / 4),
  );
  const startedAt = performance.now();
  return {
    leftMs: () => Math.max(1, totalMs - (performance.now() - startedAt)),
    missed: (what) =>
      warn('wait_timed_out', `${what} did not come within ${Math.round(totalMs)} ms.`, {
        condition: what,
      }),
  };
}

type Readiness = {
  wait: Wait;
  watch: PageWatch;
  /** Whether the page may begin to load more when it seems to have come to rest. */
  isNetworked: boolean;
};

/** Adds what the caller adds, and waits for what he asks for, for fonts and for requests. */
export async function waitUntilReady(
  job: PdfJob,
  page: Page,
  { isNetworked, wait, watch }: Readiness,
): Promise<void> {
  const { css, javascript, javascript_enabled, scroll_to_load, wait: asked } = job.options;
  const until = (what: string, work: Promise<unknown>, leastMs = 0) =>
    untilTime(what, work, { leftMs: Math.max(leastMs, wait.leftMs()), wait, signal: job.signal });
  if (css !== undefined) await until('css', page.addStyleTag({ content: css }));
  if (javascript !== undefined)
    await until(
      'javascript',
      page.evaluate(javascript).catch((error: unknown) => {
        if (page.isClosed()) throw error;
        watch.noteScriptError(messageOf(error));
      }),
    );
  if (scroll_to_load) await until('scroll_to_load', evaluateInPage(page, scrollThrough));
  if (asked.selector !== undefined)
    await until('wait.selector', waitForSelector(page, asked.selector, wait));
  if (asked.expression !== undefined)
    await until('wait.expression', waitForExpression(page, asked.expression, wait));
  if (asked.delay_ms > 0) await delay(asked.delay_ms, undefined, { signal: job.signal });
  await untilQuiet(watch, isNetworked || watch.inFlight() > 0, wait, job.signal);
  if (javascript_enabled) await until('fonts', evaluateInPage(page, fontsReady), fontsMs);
}

/** Requests that scripts begin after the load event, for a short time only. */
async function untilQuiet(
  { inFlight }: PageWatch,
  isNetworked: boolean,
  wait: Wait,
  signal: AbortSignal,
): Promise<void> {
  if (!isNetworked) return;
  const end = performance.now() + Math.min(longestQuietMs, wait.leftMs());
  let quietSince = performance.now();
  while (performance.now() < end && performance.now() - quietSince < quietMs) {
    await delay(20, undefined, { signal });
    if (inFlight() > 0) quietSince = performance.now();
  }
}

async function waitForSelector(page: Page, selector: string, wait: Wait): Promise<void> {
  // Puppeteer would wait for a selector that is none until the end.
  await evaluateInPage(page, `void document.querySelector(${JSON.stringify(selector)})`).catch(
    (error) => {
      throw isWrong(error) ? wrongField('wait.selector', error) : error;
    },
  );
  await page.waitForSelector(selector, { timeout: wait.leftMs() });
}

async function waitForExpression(page: Page, expression: string, wait: Wait): Promise<void> {
  await page
    .waitForFunction(expression, { timeout: wait.leftMs(), polling: 50 })
    .catch((error: unknown) => {
      throw isWrong(error) ? wrongField('wait.expression', error) : error;
    });
}

/** Errors of the engine are not the caller's fault; what his text made the page throw is. */
function isWrong(error: unknown): boolean {
  return !isTimeout(error) && !/Target closed|detached|destroyed|closed/i.test(messageOf(error));
}

function wrongField(param: string, error: unknown): AppError {
  const message = `Expected ${param} to be valid; the page says: ${messageOf(error)}`;
  return new AppError('invalid_input', message, { param, cause: error });
}

/** What does not come in time is a warning: the page is printed as it is. */
async function untilTime(
  what: string,
  work: Promise<unknown>,
  { leftMs, signal, wait }: { leftMs: number; wait: Wait; signal: AbortSignal },
): Promise<void> {
  const timer = new AbortController();
  work.catch(() => {});
  try {
    const timeout = delay(leftMs, 'late' as const, {
      signal: AbortSignal.any([timer.signal, signal]),
    });
    timeout.catch(() => {});
    if ((await Promise.race([work, timeout])) === 'late') wait.missed(what);
  } catch (error) {
    if (!isTimeout(error)) throw error;
    wait.missed(what);
  } finally {
    timer.abort();
  }
}

export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

/** Runs in the page. */
const scrollThrough = `(async () => {
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const root = document.documentElement;
  for (let y = 0, step = 0; y < root.scrollHeight && step < 200; y += innerHeight, step++) {
    scrollTo(0, y);
    await pause(40);
  }
  for (const image of document.images) image.loading = 'eager';
  const isLate = () => [...document.images].some((image) => !image.complete);
  for (let step = 0; step < 100 && isLate(); step++) await pause(50);
  scrollTo(0, 0);
})()`;
