import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { AppError } from '@nebula/contract/errors';
import type { Page, PDFOptions } from 'puppeteer';
import { countPages } from '../../documents/pdf-file.ts';
import { selectPages } from '../../jobs/select-pages.ts';
import { type Bands, bandRuns, bandTemplates, stampBands, uniformBands } from './bands.ts';
import { addRules, evaluateInPage } from './evaluate.ts';
import { fitPaper, marginsOf, paperOf } from './paper.ts';
import { createPdfPinner } from './pin-pdf.ts';
import type { PdfJob, PdfOptions } from './run.ts';

export type Printed = { path: string; pages: number; title: string };

const maxOutputBytes = 512 * 1024 * 1024;

/** Prints the page: first as a whole, and again where only some pages are wanted. */
export async function printDocument(job: PdfJob, page: Page): Promise<Printed> {
  const { options } = job;
  const setup = await setUpPrinter(job, page);
  const bands = uniformBands(options);
  const whole = await printOnce(job, page, { ...setup, ...bandTemplates(options, bands) });
  const count = await countPages(whole);
  const wanted = selectPages(options.pages, count);
  const isWhole = wanted.length === count;
  const ranges = isWhole ? {} : { pageRanges: wanted.join(',') };
  let path = whole;
  if (!isWhole)
    path = await printOnce(job, page, { ...setup, ...bandTemplates(options, bands), ...ranges });
  if (!bands) {
    const printStamp = (stamp: Bands) => {
      const shown = { ...setup, ...ranges, ...bandTemplates(options, stamp) };
      return printOnce(job, page, { ...shown, tagged: false, outline: false });
    };
    await stampBands(page, { path, runs: bandRuns(options, wanted), printStamp });
  }
  const title = options.metadata ? String(await evaluateInPage(page, 'document.title')) : '';
  return { path, pages: wanted.length, title };
}

async function setUpPrinter(job: PdfJob, page: Page): Promise<PDFOptions> {
  const { options } = job;
  const { height, width } = options.single_page ? await fitPaper(job, page) : paperOf(options);
  const { bottom, left, right, top } = marginsOf(options);
  if (!options.single_page && !options.prefer_css_page_size) await makeRoom(options, page);
  return {
    width: inInches(width),
    height: inInches(height),
    margin: {
      top: inInches(top),
      right: inInches(right),
      bottom: inInches(bottom),
      left: inInches(left),
    },
    scale: options.scale,
    printBackground: options.print_background,
    omitBackground: options.transparent,
    preferCSSPageSize: options.prefer_css_page_size || options.single_page,
    tagged: options.tagged,
    outline: options.outline,
    waitForFonts: false,
    timeout: 0,
  };
}

/** A margin of the page's own must not let the text run into a header or footer. */
async function makeRoom(options: PdfOptions, page: Page): Promise<void> {
  const { bottom, top } = marginsOf(options);
  const rules = [
    options.header ? `margin-top:${top}in!important` : '',
    options.footer ? `margin-bottom:${bottom}in!important` : '',
  ].join(';');
  if (rules !== ';') await addRules(page, `@page{${rules}}`);
}

async function printOnce(job: PdfJob, page: Page, options: PDFOptions): Promise<string> {
  const path = job.outputPath('pdf');
  const content = await page.createPDFStream(options);
  await pipeline(
    Readable.fromWeb(content as ReadableStream),
    createPdfPinner(),
    createLimit(),
    createWriteStream(path),
  );
  return path;
}

function createLimit(): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= maxOutputBytes) return done(null, chunk);
      const message = `The PDF would be larger than ${maxOutputBytes} bytes.`;
      done(new AppError('input_too_complex', message));
    },
  });
}

function inInches(value: number): string {
  return `${value.toFixed(4)}in`;
}
