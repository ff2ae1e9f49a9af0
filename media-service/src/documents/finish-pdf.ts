import { type Encryption, encryptPdf } from '../engines/qpdf.ts';
import type { Job } from '../jobs/job.ts';
import { stampTestMark } from '../test-mark/stamp-pdf.ts';
import { pdfText, setInfo } from './pdf-file.ts';

/** Properties that a caller has asked for. */
type Metadata = { title?: string; author?: string; subject?: string; keywords?: string[] };

/** Of a clock in the output, two runs would differ. */
export const pinnedDate = "(D:20000101000000+00'00')";

/**
 * Marks what a test key makes, and gives a PDF the properties and the encryption that were asked for.
 *
 * @param title of the document itself, where the caller gives none
 * @returns the path of the finished document
 */
export async function finishPdf(
  job: Job<{ encrypt?: Encryption; metadata?: Metadata }>,
  { creator, path, title = '' }: { path: string; title?: string; creator: string },
): Promise<string> {
  const { encrypt, metadata } = job.options;
  if (job.isTest) await stampTestMark(path);
  if (metadata) await setInfo(path, infoOf(metadata, title, creator));
  if (!encrypt) return path;
  const output = job.outputPath('pdf');
  await encryptPdf(path, encrypt, output, job);
  return output;
}

function infoOf(metadata: Metadata, documentTitle: string, creator: string) {
  const texts = {
    Title: metadata.title ?? documentTitle,
    Author: metadata.author,
    Subject: metadata.subject,
    Keywords: metadata.keywords?.join(', '),
    Creator: creator,
    Producer: 'NebulaAPI',
  };
  const given = Object.entries(texts).flatMap(([name, text]) =>
    text ? [[name, pdfText(text)] as const] : [],
  );
  return { ...Object.fromEntries(given), CreationDate: pinnedDate, ModDate: pinnedDate };
}
