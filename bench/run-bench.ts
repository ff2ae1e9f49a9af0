import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, startStack } from '#local/stack/stack.ts';
import { createKeys } from './accounts.ts';
import type { Bench } from './bench.ts';
import { type BenchOptions, type SuiteName, suiteNames } from './options.ts';
import { printRows } from './report/print-rows.ts';
import { writeReport } from './report/write-report.ts';
import type { Row } from './rows.ts';
import { benchGateway } from './suites/gateway.ts';
import { benchHtmlToPdf } from './suites/html-to-pdf.ts';
import { benchImageMatch } from './suites/image-match.ts';
import { benchImageResize } from './suites/image-resize.ts';
import { benchImgToPdf } from './suites/img-to-pdf.ts';
import { benchPdfToImages } from './suites/pdf-to-images.ts';
import { benchUpload } from './suites/upload.ts';
import { benchVideoCompress } from './suites/video-compress.ts';
import { benchWordToPdf } from './suites/word-to-pdf.ts';

const suites: Record<SuiteName, (bench: Bench) => Promise<Row[]>> = {
  'image-resize': benchImageResize,
  'image-match': benchImageMatch,
  'html-to-pdf': benchHtmlToPdf,
  'word-to-pdf': benchWordToPdf,
  'img-to-pdf': benchImgToPdf,
  'pdf-to-images': benchPdfToImages,
  'video-compress': benchVideoCompress,
  gateway: benchGateway,
  upload: benchUpload,
};

/**
 * Measures on a stack of its own, prints the table and writes the report.
 *
 * @returns the names of suites that could not be measured
 */
export async function runBench({ rounds, suites: wanted }: BenchOptions): Promise<SuiteName[]> {
  const folder = join(root, '.data/bench');
  mkdirSync(folder, { recursive: true });
  say('starting a stack for the benchmark');
  const stack = await startStack({ folder, basePort: 3800, quiet: true, overrides: overrides() });
  const rows: Row[] = [];
  const failed: SuiteName[] = [];
  try {
    const bench: Omit<Bench, 'say'> = {
      root,
      folder,
      inputFolder: join(root, '.data/bench-inputs'),
      stack: stack.file,
      keys: await createKeys(12),
      rounds,
    };
    for (const name of suiteNames.filter((suite) => wanted.includes(suite))) {
      say(`── ${name}`);
      try {
        rows.push(...(await suites[name]({ ...bench, say: (text) => say(`   ${text}`) })));
      } catch (error) {
        failed.push(name);
        say(`   not measured: ${(error as Error).stack}`);
      }
    }
  } finally {
    await stack.stop();
  }
  printRows(rows);
  const files = await writeReport(folder, rows, rounds);
  say(`written: ${files.join(', ')}`);
  return failed;
}

/** What differs from a stack of `npm start`; see the note of the rows on memory. */
function overrides(): Record<string, string> {
  const preload = pathToFileURL(join(root, 'bench/raise-file-limit.ts'));
  return { NODE_OPTIONS: `--import=${preload.href}` };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
