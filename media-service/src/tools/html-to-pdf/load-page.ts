import { setTimeout as delay } from 'node:timers/promises';
import { AppError, isAppError } from '@nebula/contract/errors';
import type { HTTPResponse, Page } from 'puppeteer';
import type { PageJob } from '../../engines/chromium.ts';
import { bundleOrigin, interceptRequests } from './intercept.ts';
import { type PageReport, watchPage } from './page-report.ts';
import type { PageSource, PdfJob } from './run.ts';

/** Brings a page to the point where it can be printed. */
export async function loadPage(job: PdfJob, source: PageSource, room: PageJob): Promise<void> {
  const { options } = job;
  const { page } = room;
  const report = watchPage(page, room.proxy);
  await preparePage(job, source, room);
  const response = await openSource(job, source, page, report);
  if (options.css) await page.addStyleTag({ content: options.css });
  if (options.javascript) await page.addScriptTag({ content: options.javascript });
  if (options.scroll_to_load) await scrollThrough(page);
  await waitUntilReady(job, page);
  judge(job, report, response);
}

/** Each setting costs a round trip, so only what differs from a fresh page is set. */
async function preparePage({ options }: PdfJob, source: PageSource, { context, page }: PageJob) {
  // A kept page carries what the account's last job had set.
  await Promise.all([
    page.setJavaScriptEnabled(options.javascript_enabled),
    page.emulateMediaType(options.media),
    page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: options.color_scheme }]),
    options.user_agent ? page.setUserAgent({ userAgent: options.user_agent }) : undefined,
    options.basic_auth ? page.authenticate(options.basic_auth) : undefined,
  ]);
  if (source.kind === 'url' && options.cookies.length > 0) {
    const { hostname } = new URL(source.url);
    const cookies = options.cookies.map(({ http_only: httpOnly, ...cookie }) => ({
      ...cookie,
      httpOnly,
      domain: cookie.domain ?? hostname,
    }));
    await context.setCookie(...cookies);
  }
  await interceptRequests(options, source, page);
}

async function openSource(
  { options, signal }: PdfJob,
  source: PageSource,
  page: Page,
  report: PageReport,
): Promise<HTTPResponse | null> {
  const { timeout_ms: timeout, until } = options.wait;
  const waitUntil = until === 'domcontentloaded' ? until : 'load';
  try {
    if (source.kind === 'html') {
      await page.setContent(source.html, { waitUntil, timeout });
      await waitUntilIdle(page, options.wait);
      return null;
    }
    const address =
      source.kind === 'url' ? source.url : `${bundleOrigin}${encodePath(source.bundle.index)}`;
    const response = await page.goto(address, { waitUntil, timeout });
    if (response?.headers()['x-nebula-denied']) throw forbidden();
    await waitUntilIdle(page, options.wait);
    return response;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof Error && error.name === 'TimeoutError') {
      report.timedOut.push(`wait.until ${until}`);
      return null;
    }
    if (source.kind === 'url' && !isAppError(error))
      throw explainNavigation(error, source.url, report);
    throw error;
  }
}

/** Quiet for half a second, with none or at most two requests under way. */
async function waitUntilIdle(
  page: Page,
  { timeout_ms: timeout, until }: PdfJob['options']['wait'],
) {
  if (until !== 'networkidle0' && until !== 'networkidle2') return;
  await page.waitForNetworkIdle({ timeout, concurrency: until === 'networkidle2' ? 2 : 0 });
}

const encodePath = (name: string) => name.split('/').map(encodeURIComponent).join('/');

function explainNavigation(error: unknown, url: string, report: PageReport): unknown {
  const { host } = new URL(url);
  const denied = report.denied().find(({ url: address }) => address.includes(host));
  if (denied) {
    const message =
      'The address of this page is not public. Expected a public http or https address.';
    return new AppError('url_forbidden', message, { param: 'url', cause: error });
  }
  const text = error instanceof Error ? error.message : '';
  const reason = /net::(\w+)/.exec(text)?.[1];
  if (!reason) return error;
  return new AppError('resource_failed', `The page could not be opened: ${reason}.`, {
    param: 'url',
    cause: error,
  });
}

function forbidden(cause?: unknown): AppError {
  const message =
    'The address of this page is not public. Expected a public http or https address.';
  return new AppError('url_forbidden', message, { param: 'url', cause });
}

/** Fonts, then what the caller asks for; what does not come in time is a warning, not a failure. */
async function waitUntilReady(job: PdfJob, page: Page): Promise<void> {
  const { delay_ms: delayMs, expression, selector, timeout_ms: timeout } = job.options.wait;
  const wait = async (what: string, waiting: Promise<unknown>) => {
    try {
      await waiting;
    } catch (error) {
      if (job.signal.aborted) throw job.signal.reason;
      const isTimeout = error instanceof Error && error.name === 'TimeoutError';
      if (!isTimeout && what !== 'wait.expression') throw error;
      job.warn('wait_timed_out', `${what} was not met within ${timeout} ms.`, { condition: what });
    }
  };
  if (selector) await wait('wait.selector', page.waitForSelector(selector, { timeout }));
  if (expression) await wait('wait.expression', page.waitForFunction(expression, { timeout }));
  if (delayMs > 0) await delay(delayMs, undefined, { signal: job.signal });
  if (job.options.javascript_enabled) {
    const fonts = page.evaluate('document.fonts.ready.then(() => true)');
    await wait('fonts', Promise.race([fonts, delay(timeout)]));
  }
}

async function scrollThrough(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    const step = Math.max(200, innerHeight);
    for (let y = 0, n = 0; y < document.documentElement.scrollHeight && n < 200; y += step, n++) {
      scrollTo(0, y);
      await new Promise((done) => setTimeout(done, 50));
    }
    const images = [...document.images].filter((image) => !image.complete);
    await Promise.race([
      Promise.all(images.map((image) => new Promise((done) => { image.onload = image.onerror = done; }))),
      new Promise((done) => setTimeout(done, 5000)),
    ]);
    scrollTo(0, 0);
  })()`);
}

/** Turns what went wrong into warnings, or into the error that `fail_on` asks for. */
function judge({ options, warn }: PdfJob, report: PageReport, response: HTTPResponse | null): void {
  const status = response?.status() ?? 200;
  if (options.fail_on.http_status && status >= 400)
    throw failed(`The page answered ${status}.`, 'fail_on.http_status');
  if (status >= 400) warn('resource_failed', `The page answered ${status}.`, { status });
  const { consoleErrors, failures } = report;
  const denied = report.denied();
  const [first] = [...failures, ...denied];
  if (options.fail_on.resources && first)
    throw failed(`An asset could not be loaded: ${first.url}.`, 'fail_on.resources');
  const [firstError] = consoleErrors;
  if (options.fail_on.console && firstError !== undefined)
    throw failed(`A script reported an error: ${firstError}`, 'fail_on.console');
  for (const what of report.timedOut)
    warn('wait_timed_out', `${what} was not met within ${options.wait.timeout_ms} ms.`);
  for (const { reason, url } of denied.slice(0, 25))
    warn('resource_blocked', `${url} was refused: ${reason}.`, { url, reason });
  for (const { reason, url } of failures.slice(0, 25))
    warn('resource_failed', `${url} could not be loaded: ${reason}.`, { url, reason });
  for (const text of consoleErrors.slice(0, 10)) warn('console_error', text);
}

function failed(message: string, param: string): AppError {
  return new AppError('resource_failed', message.slice(0, 500), { param });
}
