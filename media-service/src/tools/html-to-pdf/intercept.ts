import type { HTTPRequest, Page } from 'puppeteer';
import type { Bundle } from './read-bundle.ts';
import type { PageSource, PdfOptions } from './run.ts';

/** Origin that a zipped site sees itself under; `.invalid` exists nowhere. */
export const bundleOrigin = 'http://bundle.invalid/';

const mimeTypes: Record<string, string> = {
  avif: 'image/avif',
  css: 'text/css',
  gif: 'image/gif',
  htm: 'text/html',
  html: 'text/html',
  ico: 'image/x-icon',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript',
  json: 'application/json',
  mjs: 'text/javascript',
  otf: 'font/otf',
  png: 'image/png',
  svg: 'image/svg+xml',
  ttf: 'font/ttf',
  txt: 'text/plain',
  webp: 'image/webp',
  woff: 'font/woff',
  woff2: 'font/woff2',
};

/**
 * Steps in between page and network where an option asks for it: blocked assets, headers for one
 * origin, files of a bundle. It is no boundary; the proxy behind it is.
 */
export async function interceptRequests(
  options: PdfOptions,
  source: PageSource,
  page: Page,
): Promise<void> {
  const { patterns, types } = options.block;
  const origin = source.kind === 'url' ? new URL(source.url).origin : undefined;
  const ownHeaders = Object.fromEntries(
    Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const hasHeaders = Object.keys(ownHeaders).length > 0;
  if (source.kind !== 'bundle' && types.length === 0 && patterns.length === 0 && !hasHeaders)
    return;
  const blocked = patterns.map(toPattern);
  await page.setRequestInterception(true);
  page.on('request', (request: HTTPRequest) => {
    const url = request.url();
    const isBlocked =
      types.includes(request.resourceType() as never) || blocked.some((matches) => matches(url));
    if (isBlocked && !request.isNavigationRequest())
      return void request.abort('blockedbyclient').catch(() => {});
    if (source.kind === 'bundle' && url.startsWith(bundleOrigin))
      return void request.respond(bundleFile(source.bundle, url)).catch(() => {});
    const isOwn = hasHeaders && URL.canParse(url) && new URL(url).origin === origin;
    const change = isOwn ? { headers: { ...request.headers(), ...ownHeaders } } : {};
    void request.continue(change).catch(() => {});
  });
}

function bundleFile({ files, index }: Bundle, url: string) {
  const path = decodePath(new URL(url).pathname.slice(1));
  const folder = index.slice(0, index.lastIndexOf('/') + 1);
  const body = files.get(path) ?? files.get(`${folder}${path}`);
  if (!body) return { status: 404, contentType: 'text/plain', body: 'not in the bundle' };
  const extension = path.split('.').at(-1)?.toLowerCase() ?? '';
  return { status: 200, contentType: mimeTypes[extension] ?? 'application/octet-stream', body };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** `*` stands for anything; each part is searched once from left to right, so no pattern is slow. */
function toPattern(pattern: string): (url: string) => boolean {
  const parts = pattern.toLowerCase().split(/\*+/);
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  return (url) => {
    const text = url.toLowerCase();
    if (last === undefined) return text === first;
    if (!text.startsWith(first)) return false;
    let at = first.length;
    for (const part of rest) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return text.length - last.length >= at && text.endsWith(last);
  };
}
