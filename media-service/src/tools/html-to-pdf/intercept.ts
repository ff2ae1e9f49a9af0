import type { HTTPRequest, Page } from 'puppeteer';
import type { PageSource } from './open-source.ts';
import type { PdfOptions } from './run.ts';
import { answerFromSite, siteOrigin } from './site-files.ts';

/**
 * Steps in between page and network where an option asks for it: files of a ZIP, blocked assets,
 * headers for one origin. It is no boundary; the proxy behind it is.
 */
export async function interceptRequests(
  options: PdfOptions,
  source: PageSource,
  page: Page,
): Promise<void> {
  const isBlocked = createBlocker(options.block);
  const ownHeaders = headersOf(options);
  if (source.kind !== 'site' && !isBlocked && !ownHeaders) return;
  const ownOrigin = source.kind === 'url' ? source.url.origin : undefined;

  const answer = async (request: HTTPRequest): Promise<void> => {
    const url = request.url();
    const origin = URL.parse(url)?.origin;
    if (isBlocked?.(request)) return request.abort('blockedbyclient');
    if (source.kind === 'site' && origin === siteOrigin)
      return request.respond(await answerFromSite(source.site, url));
    if (!ownHeaders || origin !== ownOrigin) return request.continue();
    return request.continue({ headers: { ...request.headers(), ...ownHeaders } });
  };

  await page.setRequestInterception(true);
  // A request that is gone cannot be answered, which is nobody's concern.
  page.on('request', (request) => void answer(request).catch(() => {}));
}

/** Lower-case names, as the browser has them. */
function headersOf({ basic_auth, headers }: PdfOptions): Record<string, string> | undefined {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const own = Object.fromEntries(entries) as Record<string, string>;
  if (basic_auth) {
    const credentials = `${basic_auth.username}:${basic_auth.password}`;
    own.authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  }
  return Object.keys(own).length > 0 ? own : undefined;
}

function createBlocker({ patterns, types }: PdfOptions['block']) {
  if (patterns.length + types.length === 0) return undefined;
  const globs = patterns.map((pattern) => pattern.toLowerCase().split('*'));
  return (request: HTTPRequest): boolean => {
    if (request.isNavigationRequest() && request.frame()?.parentFrame() === null) return false;
    const url = request.url().toLowerCase();
    const type = request.resourceType();
    return types.some((each) => each === type) || globs.some((parts) => hasParts(url, parts));
  };
}

/** Whether the parts occur one after the other: a glob without the worst case of an expression. */
function hasParts(text: string, parts: readonly string[]): boolean {
  let at = 0;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}
