import { stat } from 'node:fs/promises';
import type { Forecast } from '../../jobs/job.ts';
import { effectiveOptions } from './effective-options.ts';
import type { PdfJob } from './run.ts';

/** What a page costs at least, and what each kilobyte of markup adds. */
const pageMs = 120;
const msPerKilobyte = 1.5;
const visitMs = 600;
const pdfBytes = 18_000;

/** From the size of the markup; what a page loads and where it breaks shows only when it is printed. */
export async function estimateHtmlToPdf({ files, options }: PdfJob): Promise<Forecast> {
  const [file] = files;
  const size = file ? (await stat(file.path)).size : Buffer.byteLength(options.html ?? '');
  const kilobytes = size / 1024;
  return {
    outputs: 1,
    bytes: pdfBytes + size * 0.6,
    run_ms:
      pageMs +
      kilobytes * msPerKilobyte +
      (options.url === undefined ? 0 : visitMs) +
      options.wait.delay_ms,
    optionsEffective: effectiveOptions(options),
  };
}
