import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileType } from '@nebula/contract/file-types';
import type { Progress } from '@nebula/contract/run';
import type { Sharp } from 'sharp';
import { createEngines } from '../../../testing/create-engines.ts';
import { testJob } from '../../../testing/test-job.ts';
import { estimateImageMatch } from '../estimate.ts';
import { runImageMatch } from '../run.ts';

export type TestFile = { path: string; type: FileType };

/** One target of the public result. */
export type TargetResult = {
  index: number;
  filename: string;
  width: number;
  height: number;
  score: number;
  verdict: string;
  match: boolean;
  scores: Record<string, number>;
  inliers: number | null;
  detector: string | null;
  mirrored: boolean;
  homography: number[][] | null;
  outline: [number, number][] | null;
  hashes: { source: { phash: string }; target: { phash: string } };
};

/** Real engines and a folder for the inputs of one test file. */
export function createMatchBench() {
  const engines = createEngines();
  const folder = mkdtempSync(join(tmpdir(), 'nebula-match-'));
  let made = 0;

  function write(data: Buffer | string, type: FileType): TestFile {
    const path = join(folder, `image-${made++}`);
    writeFileSync(path, data);
    return { path, type };
  }

  async function match(options: Record<string, unknown>, files: TestFile[], timeoutMs = 60_000) {
    const job = testJob('image-match', options, files, { timeoutMs });
    const progress: Progress[] = [];
    try {
      const output = await runImageMatch({ ...job, progress: (at) => progress.push(at) }, engines);
      const outputs = output.files.map((file) => ({ ...file, data: readFileSync(file.path) }));
      const result = output.result as { matches: number; targets: TargetResult[] };
      const { inputs, warnings } = job;
      return { ...output, outputs, result, progress, inputs, warnings };
    } finally {
      job.remove();
    }
  }

  /** What is known of the pictures before they are compared. */
  async function estimate(files: TestFile[]) {
    const job = testJob('image-match', {}, files);
    try {
      const forecast = await estimateImageMatch(job, engines);
      return { ...forecast, inputs: job.inputs, warnings: job.warnings };
    } finally {
      job.remove();
    }
  }

  return {
    engines,
    write,
    match,
    estimate,
    start: () => Promise.all([engines.vision.start(), engines.sharp.start()]),
    stop: async () => {
      await Promise.all([engines.vision.stop(), engines.sharp.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
    save: async (image: Sharp, type: FileType = 'png') => write(await image.toBuffer(), type),
    /** The result for one target. */
    one: async (options: Record<string, unknown>, source: TestFile, target: TestFile) => {
      const { result } = await match(options, [source, target]);
      const [first] = result.targets;
      if (!first) throw new Error('no target in the result');
      return first;
    },
  };
}
