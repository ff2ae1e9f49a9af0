import type { EgressProxy } from '@nebula/egress/proxy';
import type { ConsoleMessage, HTTPRequest, HTTPResponse, Page } from 'puppeteer';

/** One asset that did not come, and why. */
export type Failure = { url: string; reason: string };

/** What a page did not get while it was loaded. */
export type PageReport = {
  failures: Failure[];
  consoleErrors: string[];
  timedOut: string[];
  /** What the egress proxy refused. */
  denied: () => Failure[];
};

const maxEntries = 100;
const maxUrlLength = 300;

/** Listens to a page; its listeners go when the page is closed or reset. */
export function watchPage(page: Page, proxy: EgressProxy): PageReport {
  const failures: Failure[] = [];
  const consoleErrors: string[] = [];
  const add = (url: string, reason: string) => {
    if (failures.length < maxEntries && !isRefused(proxy, url))
      failures.push({ url: url.slice(0, maxUrlLength), reason });
  };
  page.on('requestfailed', (request: HTTPRequest) => {
    const reason = request.failure()?.errorText ?? 'failed';
    if (reason !== 'net::ERR_ABORTED' && reason !== 'net::ERR_BLOCKED_BY_CLIENT')
      add(request.url(), reason);
  });
  page.on('response', (response: HTTPResponse) => {
    const isDenied = response.headers()['x-nebula-denied'] !== undefined;
    const isPage = response.request().isNavigationRequest();
    if (response.status() >= 400 && !isDenied && !isPage)
      add(response.url(), `it answered ${response.status()}`);
  });
  page.on('console', (message: ConsoleMessage) => {
    const isLoad = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isLoad && consoleErrors.length < maxEntries)
      consoleErrors.push(message.text().slice(0, 500));
  });
  page.on('pageerror', (error) => {
    const text = error instanceof Error ? error.message : String(error);
    if (consoleErrors.length < maxEntries) consoleErrors.push(text.slice(0, 500));
  });
  const denied = () =>
    proxy.denied.map(({ reason, url }) => ({ url: url.slice(0, maxUrlLength), reason }));
  return { failures, consoleErrors, timedOut: [], denied };
}

/** Chromium sees a refused tunnel as a failed connection; the proxy has said why already. */
function isRefused(proxy: EgressProxy, url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { host, hostname } = new URL(url);
  return proxy.denied.some(({ url: denied }) => denied.includes(host) || denied.includes(hostname));
}
