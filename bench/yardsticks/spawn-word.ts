import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The naive way: a process for every document, mammoth's HTML, and its text without any layout. */
const script = `
const { createWriteStream } = require('node:fs');
const mammoth = require('mammoth');
const PDFDocument = require('pdfkit');
const [source, target, font] = process.argv.slice(1);
mammoth.convertToHtml({ path: source }).then(({ value }) => {
  const pdf = new PDFDocument({ size: 'A4' });
  pdf.pipe(createWriteStream(target));
  pdf.font(font).fontSize(11);
  for (const block of value.split(/<\\/(?:p|h[1-6]|td|li)>/)) {
    const image = /src="data:image\\/jpeg;base64,([^"]+)"/.exec(block);
    if (image) pdf.image(Buffer.from(image[1], 'base64'), { width: 400 });
    else pdf.text(block.replace(/<[^>]+>/g, ''));
  }
  pdf.end();
});
`;

const font = '/usr/share/fonts/truetype/crosextra/Carlito-Regular.ttf';

/** Converts one document with a Node process of its own; formats, tables and sizes are lost. */
export async function spawnMammoth(source: string, target: string, root: string): Promise<void> {
  await run(process.execPath, ['-e', script, source, target, font], root);
  if (statSync(target).size === 0) throw new Error('the spawned conversion failed');
}

/** Where LibreOffice is, if it is installed. */
export function findLibreOffice(): string | undefined {
  try {
    return execFileSync('which', ['soffice'], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Converts one document with a LibreOffice process of its own, on a profile that is kept. */
export async function spawnLibreOffice(
  soffice: string,
  source: string,
  profile: string,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'nebula-soffice-'));
  try {
    const args = [`-env:UserInstallation=file://${profile}`, '--headless', '--convert-to', 'pdf'];
    await run(soffice, [...args, '--outdir', folder, source], folder);
    if (readdirSync(folder).length !== 1) throw new Error('LibreOffice gave no PDF');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(command: string, args: string[], cwd: string): Promise<void> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
}
