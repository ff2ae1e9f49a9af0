import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileType } from '@nebula/contract/file-types';
import type { Warning } from '@nebula/contract/warnings';
import { afterAll, beforeAll } from 'vitest';
import { createEngines } from '../../../testing/create-engines.ts';
import { testJob } from '../../../testing/test-job.ts';
import { runPdfToImages } from '../run.ts';

export type Rendered = {
  images: {
    path: string;
    type: FileType;
    width?: number;
    height?: number;
    page?: number;
    dpi?: number;
  }[];
  warnings: Warning[];
  effective: Record<string, unknown>;
  stages: (string | undefined)[];
};

/** Renders documents with a Ghostscript of its own; what it has made is kept until the end. */
export function createRenderer() {
  const engines = createEngines();
  const folder = mkdtempSync(join(tmpdir(), 'nebula-pdf-to-images-'));
  let made = 0;
  beforeAll(() => engines.ghostscript.start());
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const save = (bytes: Buffer | string): string => {
    const path = join(folder, `document-${made++}.pdf`);
    writeFileSync(path, bytes);
    return path;
  };
  const render = async (
    pdf: Buffer | string,
    options: Record<string, unknown> = {},
    { timeoutMs = 30_000 } = {},
  ): Promise<Rendered> => {
    const path = typeof pdf === 'string' ? pdf : save(pdf);
    const job = testJob('pdf-to-images', options, [{ path, type: 'pdf' }], { timeoutMs });
    const stages: Rendered['stages'] = [];
    job.progress = ({ message }) => stages.push(message);
    try {
      const output = await runPdfToImages(job, engines);
      const images = output.files.map((file) => {
        const kept = join(folder, `image-${made++}.${file.type}`);
        copyFileSync(file.path, kept);
        return { ...file, path: kept };
      });
      return { images, warnings: job.warnings, effective: output.optionsEffective, stages };
    } finally {
      job.remove();
    }
  };
  return { engines, folder, save, render };
}
