import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, openSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import PDFDocument from 'pdfkit';

/** The least that can be done with files: their bytes, one after the other. */
export async function concatenate(paths: readonly string[], target: string): Promise<void> {
  const child = spawn('cat', [...paths], { stdio: ['ignore', openSync(target, 'w'), 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`cat ended with ${code}`);
}

/** A page for each picture, as PDFKit embeds it by itself. */
export async function printByPdfKit(paths: readonly string[], target: string): Promise<void> {
  const pdf = new PDFDocument({ autoFirstPage: false });
  const file = createWriteStream(target);
  pdf.pipe(file);
  for (const path of paths) {
    pdf.addPage({ size: 'A4', margin: 0 });
    pdf.image(path, 0, 0, { fit: [595, 842] });
  }
  pdf.end();
  await finished(file);
}
