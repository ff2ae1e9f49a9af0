import { encryptPdf } from '../../engines/qpdf.ts';
import { pdfText, setInfo } from './pdf-file.ts';
import type { Printed } from './print-document.ts';
import type { PdfJob, PdfOptions } from './run.ts';

/** Of a clock in the output, two runs would differ. */
const pinnedDate = "(D:20000101000000+00'00')";

/**
 * What Chromium's printer cannot do: properties and encryption.
 *
 * @returns the path of the finished document
 */
export async function finishDocument(job: PdfJob, { path, title }: Printed): Promise<string> {
  const { encrypt, metadata } = job.options;
  if (metadata) await setInfo(path, infoOf(metadata, title));
  if (!encrypt) return path;
  const output = job.outputPath('pdf');
  await encryptPdf(path, encrypt, output, job);
  return output;
}

function infoOf(metadata: NonNullable<PdfOptions['metadata']>, documentTitle: string) {
  const texts = {
    Title: metadata.title ?? documentTitle,
    Author: metadata.author,
    Subject: metadata.subject,
    Keywords: metadata.keywords?.join(', '),
    Creator: 'Chromium',
    Producer: 'NebulaAPI',
  };
  const given = Object.entries(texts).flatMap(([name, text]) =>
    text ? [[name, pdfText(text)] as const] : [],
  );
  return { ...Object.fromEntries(given), CreationDate: pinnedDate, ModDate: pinnedDate };
}
