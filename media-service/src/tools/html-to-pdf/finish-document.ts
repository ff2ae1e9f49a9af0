import { readFile, writeFile } from 'node:fs/promises';
import { PDFDocument } from '@cantoo/pdf-lib';
import { AppError } from '@nebula/contract/errors';
import { resolvePages } from '@nebula/contract/fields';
import { encryptPdf, selectPages } from '../../engines/qpdf.ts';
import type { Printed } from './print-document.ts';
import type { PdfJob, PdfOptions } from './run.ts';

/** What Chromium's printer cannot do: choose pages by the grammar, set properties, encrypt. */
export async function finishDocument(job: PdfJob, printed: Printed): Promise<Printed> {
  const { encrypt, metadata, pages } = job.options;
  let { path } = printed;
  let count = printed.pages;
  if (pages.trim() !== 'all') {
    const chosen = choosePages(pages, count);
    const selected = job.outputPath('pdf');
    await selectPages(path, chosen, selected, job);
    path = selected;
    count = chosen.length;
  }
  if (metadata) path = await setMetadata(job, path, metadata);
  if (encrypt) {
    const encrypted = job.outputPath('pdf');
    await encryptPdf(path, encrypt, encrypted, job);
    path = encrypted;
  }
  return { path, pages: count };
}

function choosePages(text: string, pageCount: number): number[] {
  const { outOfRange, pages } = resolvePages(text, pageCount);
  if (outOfRange === undefined && pages.length > 0) return pages;
  const message =
    outOfRange === undefined
      ? `Expected pages to choose at least one of the ${pageCount} pages; ${text} chooses none.`
      : `Page ${outOfRange} does not exist; the document has ${pageCount}.`;
  throw new AppError('page_out_of_range', message, {
    param: 'pages',
    extra: { page_count: pageCount },
  });
}

async function setMetadata(
  job: PdfJob,
  path: string,
  { author, keywords, subject, title }: NonNullable<PdfOptions['metadata']>,
): Promise<string> {
  const document = await PDFDocument.load(await readFile(path), { updateMetadata: false });
  if (title !== undefined) document.setTitle(title, { showInWindowTitleBar: true });
  if (author !== undefined) document.setAuthor(author);
  if (subject !== undefined) document.setSubject(subject);
  if (keywords !== undefined) document.setKeywords(keywords);
  const changed = job.outputPath('pdf');
  await writeFile(changed, await document.save({ useObjectStreams: false }));
  return changed;
}
