import { readFile } from 'node:fs/promises';
import type { ResponseForRequest } from 'puppeteer';
import type { Site } from './unzip-site.ts';

/** Where an unzipped site sees itself; the top-level domain `.invalid` exists nowhere. */
export const siteOrigin = 'http://site.invalid';

/** The address of the site's index.html. */
export function siteAddress({ index }: Site): string {
  return `${siteOrigin}/${index.split('/').map(encodeURIComponent).join('/')}`;
}

/**
 * What the site answers to a request. An absolute path that the ZIP does not have is looked for
 * beside index.html too, because that folder was the root where the site was made.
 */
export async function answerFromSite(
  { files, index }: Site,
  url: string,
): Promise<Partial<ResponseForRequest>> {
  const path = decodePath(new URL(url).pathname.slice(1));
  const folder = index.slice(0, index.lastIndexOf('/') + 1);
  const found = [path, folder + path, `${path}index.html`]
    .map((name) => files.get(name))
    .find((file) => file !== undefined);
  if (found === undefined)
    return { status: 404, contentType: 'text/plain', body: 'Not in the ZIP' };
  const extension = path.split('.').at(-1)?.toLowerCase() ?? '';
  const contentType = mimeTypes[extension] ?? 'application/octet-stream';
  return {
    status: 200,
    contentType: path === '' || path.endsWith('/') ? 'text/html' : contentType,
    // Modules and fonts of a site that links to itself by another name still load.
    headers: { 'access-control-allow-origin': '*' },
    body: await readFile(found),
  };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

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
  mp4: 'video/mp4',
  otf: 'font/otf',
  png: 'image/png',
  svg: 'image/svg+xml',
  ttf: 'font/ttf',
  txt: 'text/plain',
  wasm: 'application/wasm',
  webm: 'video/webm',
  webp: 'image/webp',
  woff: 'font/woff',
  woff2: 'font/woff2',
  xhtml: 'application/xhtml+xml',
  xml: 'application/xml',
};
