import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Warning } from '@nebula/contract/warnings';
import sharp from 'sharp';
import { expect } from 'vitest';
import { createEngines } from '../../../testing/create-engines.ts';
import { testJob } from '../../../testing/test-job.ts';
import { runWordToPdf } from '../run.ts';
import { type DocxParts, docx } from './docx.ts';

export type ConvertedTest = {
  path: string;
  pages: number;
  width: number;
  height: number;
  warnings: Warning[];
  effective: Record<string, unknown>;
  /** Text in the order of reading, or of one page with its layout. */
  text: (options?: { page?: number; layout?: boolean }) => string;
};

/** Converts documents in the real engine and looks at the PDFs with poppler. */
export function createConverter() {
  const engines = createEngines({ MEDIA_SLOTS: '1' });
  const folder = mkdtempSync(join(tmpdir(), 'nebula-word-'));
  let made = 0;

  const run = async (path: string, options: Record<string, unknown> = {}, timeoutMs = 50_000) => {
    const job = testJob('word-to-pdf', options, [{ path, type: 'docx' }], { timeoutMs });
    try {
      const { files, optionsEffective } = await runWordToPdf(job, engines);
      const file = files[0];
      if (!file) throw new Error('no output');
      const kept = join(folder, `out-${made++}.pdf`);
      copyFileSync(file.path, kept);
      return {
        path: kept,
        pages: file.pages ?? 0,
        width: file.width ?? 0,
        height: file.height ?? 0,
        warnings: job.warnings,
        effective: optionsEffective,
        text: ({ layout = false, page }: { page?: number; layout?: boolean } = {}) =>
          tool('pdftotext', [
            ...(layout ? ['-layout'] : []),
            ...(page === undefined ? [] : ['-f', String(page), '-l', String(page)]),
            kept,
            '-',
          ]),
      } satisfies ConvertedTest;
    } finally {
      job.remove();
    }
  };

  return {
    engines,
    start: () => engines.word.start(),
    stop: async () => {
      await engines.word.stop();
      rmSync(folder, { recursive: true, force: true });
    },
    write: (bytes: Buffer | string): string => {
      const path = join(folder, `in-${made++}.docx`);
      writeFileSync(path, bytes);
      return path;
    },
    run,
    convert: async (parts: DocxParts | string, options?: Record<string, unknown>) => {
      const path = join(folder, `in-${made++}.docx`);
      writeFileSync(path, await docx(parts));
      const converted = await run(path, options);
      keepForReport(path, converted);
      return converted;
    },
  };
}

/** `npm run word-report` asks for the documents, to set them beside another program's pages. */
function keepForReport(source: string, { path, warnings }: ConvertedTest): void {
  // biome-ignore lint/style/noProcessEnv: only the report sets it, for its own run of the tests.
  const folder = process.env.NEBULA_WORD_REPORT;
  if (!folder) return;
  const test = expect.getState().currentTestName ?? 'document';
  const name = test.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 100);
  mkdirSync(folder, { recursive: true });
  copyFileSync(source, join(folder, `${name}.docx`));
  copyFileSync(path, join(folder, `${name}.pdf`));
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ test, warnings }));
}

/** What a program of poppler or qpdf prints. */
export function tool(name: string, args: string[]): string {
  return execFileSync(name, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Words with their places on a page, in points. */
export function words(
  path: string,
  page = 1,
): { text: string; x: number; y: number; end: number }[] {
  const xml = tool('pdftotext', ['-bbox', '-f', String(page), '-l', String(page), path, '-']);
  return [
    ...xml.matchAll(/<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)"[^>]*>(.*?)<\/word>/g),
  ].map(([, x, y, end, text]) => ({
    text: text ?? '',
    x: Number(x),
    y: Number(y),
    end: Number(end),
  }));
}

/** A page as pixels, 72 to the inch, so that a pixel is a point. */
export async function pixels(path: string, page = 1) {
  const png = execFileSync('pdftoppm', [
    '-r',
    '72',
    '-png',
    '-f',
    String(page),
    '-l',
    String(page),
    path,
  ]);
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return {
    width: info.width,
    height: info.height,
    at: (x: number, y: number): [number, number, number] => {
      const at = (Math.round(y) * info.width + Math.round(x)) * 3;
      return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
    },
    /** How many pixels are near a colour. */
    count: (color: readonly [number, number, number], tolerance = 24): number => {
      let count = 0;
      for (let at = 0; at < data.length; at += 3)
        if (color.every((value, index) => Math.abs((data[at + index] ?? 0) - value) <= tolerance))
          count += 1;
      return count;
    },
  };
}
