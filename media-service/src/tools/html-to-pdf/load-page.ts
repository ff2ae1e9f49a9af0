import { AppError } from '@nebula/contract/errors';
import type { HTTPResponse, Page } from 'puppeteer';
import type { PageRoom } from '../../engines/chromium.ts';
import { emulateMedia } from './emulate-media.ts';
import { interceptRequests } from './intercept.ts';
import type { PageSource } from './open-source.ts';
import { watchPage } from './page-watch.ts';
import type { PdfJob } from './run.ts';
import { siteAddress } from './site-files.ts';
import { createWait, isTimeout, type Wait, waitUntilReady } from './wait-until-ready.ts';

/**
 * Brings a page to the point where it can be printed.
 *
 * @throws AppError `url_forbidden` or `resource_failed` where the page itself cannot be had, or
 *   `fail_on` says so
 */
export async function loadPage(job: PdfJob, source: PageSource, room: PageRoom): Promise<void> {
  const { page, proxy } = room;
  const watch = watchPage(page, proxy);
  const wait = createWait(job);
  await preparePage(job, source, room);
  await openPage(job, source, room, wait);
  await waitUntilReady(job, page, { wait, watch, isNetworked: source.kind !== 'html' });
  watch.judge(job);
}

/** Each setting is a round trip, so only what differs from a new page is set. */
async function preparePage(
  { options }: PdfJob,
  source: PageSource,
  { context, page }: PageRoom,
): Promise<void> {
  const settings: Promise<unknown>[] = [interceptRequests(options, source, page)];
  if (!options.javascript_enabled) settings.push(page.setJavaScriptEnabled(false));
  if (options.media === 'screen' || options.color_scheme === 'dark')
    settings.push(emulateMedia(page, options));
  if (options.user_agent) settings.push(page.setUserAgent({ userAgent: options.user_agent }));
  if (options.css !== undefined) settings.push(page.setBypassCSP(true));
  if (source.kind === 'url') {
    const cookies = options.cookies.map(({ domain, http_only: httpOnly, ...cookie }) => {
      return { ...cookie, httpOnly, domain: domain ?? source.url.hostname };
    });
    if (cookies.length > 0) settings.push(context.setCookie(...cookies));
  }
  await Promise.all(settings);
}

async function openPage(
  job: PdfJob,
  source: PageSource,
  { page, proxy }: PageRoom,
  wait: Wait,
): Promise<void> {
  const { until: waitUntil } = job.options.wait;
  try {
    if (source.kind === 'html') return await setContent(page, source.html, waitUntil, wait);
    const address = source.kind === 'url' ? source.url.href : siteAddress(source.site);
    judgeResponse(job, await page.goto(address, { waitUntil, timeout: wait.leftMs() }));
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (isTimeout(error)) {
      wait.missed(`wait.until ${waitUntil}`);
      return await stopLoading(page);
    }
    throw explainNavigation(error, source, proxy.denied);
  }
}

async function setContent(
  page: Page,
  html: string,
  until: PdfJob['options']['wait']['until'],
  wait: Wait,
): Promise<void> {
  const isIdle = until === 'networkidle0' || until === 'networkidle2';
  await page.setContent(html, { waitUntil: isIdle ? 'load' : until, timeout: wait.leftMs() });
  if (!isIdle) return;
  const concurrency = until === 'networkidle0' ? 0 : 2;
  await page.waitForNetworkIdle({ idleTime: 500, concurrency, timeout: wait.leftMs() });
}

/** A page that never ends is printed as far as it has come. */
async function stopLoading(page: Page): Promise<void> {
  const client = await page.createCDPSession();
  await client.send('Page.stopLoading');
  await client.detach();
}

function judgeResponse({ options, warn }: PdfJob, response: HTTPResponse | null): void {
  if (!response) return;
  const status = response.status();
  if (response.headers()['x-nebula-denied'] !== undefined) throw forbidden();
  if (isProxyFailure(response)) throw unreachable(response.url());
  if (status < 400) return;
  const message = `The page answered with status ${status}.`;
  if (options.fail_on.http_status)
    throw new AppError('resource_failed', message, {
      param: 'fail_on.http_status',
      extra: { status },
    });
  warn('resource_failed', message, { url: response.url(), status });
}

function explainNavigation(
  error: unknown,
  source: PageSource,
  denied: readonly { url: string }[],
): unknown {
  const reason = /net::(\w+)/.exec(error instanceof Error ? error.message : '')?.[1];
  if (reason === undefined || source.kind !== 'url') return error;
  // Through a tunnel a refusal looks like a broken proxy; only the proxy knows better.
  if (reason === 'ERR_TUNNEL_CONNECTION_FAILED' && denied.length > 0) return forbidden(error);
  if (reason === 'ERR_BLOCKED_BY_CLIENT' || reason === 'ERR_UNSAFE_PORT') return forbidden(error);
  return unreachable(source.url.href, reasons[reason] ?? reason, error);
}

/** What the egress proxy says where it could not reach the other side; servers say more. */
function isProxyFailure(response: HTTPResponse): boolean {
  const headers = response.headers();
  const isEmpty = headers['content-length'] === '1' && headers['content-type'] === 'text/plain';
  return isEmpty && (response.status() === 502 || response.status() === 504);
}

function unreachable(url: string, reason = 'no connection could be made', cause?: unknown) {
  const message = `The page at ${new URL(url).host} could not be opened: ${reason}.`;
  return new AppError('resource_failed', message, { param: 'url', cause });
}

const reasons: Record<string, string> = {
  ERR_TUNNEL_CONNECTION_FAILED: 'no connection could be made',
  ERR_EMPTY_RESPONSE: 'it closed the connection',
  ERR_TOO_MANY_REDIRECTS: 'it redirects too often',
  ERR_ABORTED: 'it answered with a download or with nothing',
};

function forbidden(cause?: unknown): AppError {
  const message =
    'The address of the page, or one that it redirects to, is not public. Expected a public http or https address.';
  return new AppError('url_forbidden', message, { param: 'url', cause });
}
