import { readFile } from 'node:fs/promises';
import { AppError } from '@nebula/contract/errors';
import { type Egress, EgressError } from '@nebula/egress';
import type { PdfJob } from './run.ts';
import { type Site, unzipSite } from './unzip-site.ts';

/** What is printed: HTML in hand, an address, or the files of an unzipped site. */
export type PageSource =
  | { kind: 'html'; html: string }
  | { kind: 'url'; url: URL }
  | { kind: 'site'; site: Site };

/**
 * Finds the one source of a job, and refuses what can be refused without a browser.
 *
 * @throws AppError `url_forbidden` for an address that is not public; `corrupt_input` or
 *   `input_too_complex` for a ZIP
 */
export async function openSource(
  { dir, files, options, signal }: PdfJob,
  egress: Egress,
): Promise<PageSource> {
  if (options.html !== undefined) return { kind: 'html', html: options.html };
  if (options.url !== undefined) return { kind: 'url', url: checkAddress(options.url, egress) };
  const [file] = files;
  if (!file) throw new AppError('invalid_input', 'Expected html, url or a file; received none.');
  if (file.type === 'zip')
    return { kind: 'site', site: await unzipSite(file.path, { dir, signal }) };
  return { kind: 'html', html: decodeHtml(await readFile(file.path)) };
}

function checkAddress(url: string, egress: Egress): URL {
  try {
    return egress.check(url);
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    throw new AppError(error.code, error.message, { param: 'url', cause: error });
  }
}

/** A file says its own encoding, by its first bytes or a meta element; else it is UTF-8. */
function decodeHtml(bytes: Buffer): string {
  const head = bytes.subarray(0, 1024).toString('latin1');
  const marked = { '\xfe\xff': 'utf-16be', '\xff\xfe': 'utf-16le' }[head.slice(0, 2)];
  const named = /<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)/i.exec(head)?.[1];
  try {
    return new TextDecoder(marked ?? named ?? 'utf-8').decode(bytes);
  } catch {
    return new TextDecoder('utf-8').decode(bytes);
  }
}
