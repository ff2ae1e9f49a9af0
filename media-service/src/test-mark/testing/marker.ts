import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileType } from '@nebula/contract/file-types';
import type { ToolId } from '@nebula/contract/tools';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect } from 'vitest';
import type { EngineName } from '../../engines/engines.ts';
import type { RunOutput } from '../../jobs/job.ts';
import { createEngines } from '../../testing/create-engines.ts';
import { testJob } from '../../testing/test-job.ts';
import { runners } from '../../tools/runners.ts';
import { markPicture } from '../picture.ts';

export type TestFile = { path: string; type: FileType };
export type Made = Omit<RunOutput, 'files'> & { files: (TestFile & { data: Buffer })[] };

/** Runs tools as a live key and as a test key would; what was made is kept until the end. */
export function createMarker(...names: EngineName[]) {
  const engines = createEngines({ MEDIA_SLOTS: '1' });
  const folder = mkdtempSync(join(tmpdir(), 'nebula-test-mark-'));
  let saved = 0;
  beforeAll(() => Promise.all(names.map((name) => engines[name].start())));
  afterAll(async () => {
    await Promise.all(names.map((name) => engines[name].stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  const save = (data: Buffer, type: FileType): TestFile => {
    const path = join(folder, `${saved++}.${type}`);
    writeFileSync(path, data);
    return { path, type };
  };

  async function run(call: Call, isTest: boolean): Promise<Made> {
    const [tool, options, files] = call;
    const job = testJob(tool, options, files, { isTest, timeoutMs: 60_000 });
    try {
      const output: RunOutput = await runners[tool].run(job as never, engines);
      const made = output.files.map(({ path, type }) => {
        const data = readFileSync(path);
        return { ...save(data, type), data };
      });
      return { ...output, files: made };
    } finally {
      job.remove();
    }
  }

  return {
    folder,
    save,
    run,
    /** What both keys get. */
    both: async (...call: Call): Promise<{ live: Made; test: Made }> => {
      const live = await run(call, false);
      const test = await run(call, true);
      expect(hashesOf(test)).not.toEqual(hashesOf(live));
      return { live, test };
    },
  };
}

export type Call = [tool: ToolId, options: Record<string, unknown>, files?: TestFile[]];

export const hashesOf = ({ files }: Made) =>
  files.map(({ data }) => createHash('sha256').update(data).digest('hex'));

type Picture = Buffer | string | undefined;

/** Holds a picture against the unmarked one with the mark laid over it: they look the same. */
export async function expectMarked(marked: Picture, unmarked: Picture): Promise<void> {
  const [made, plain] = [await pixelsOf(sharp(marked)), await pixelsOf(sharp(unmarked))];
  const wanted = await pixelsOf(await markPicture(sharp(unmarked).removeAlpha(), false));
  expect(made.length).toBe(plain.length);
  const markSize = gap(plain, wanted);
  expect(markSize).toBeGreaterThan(1);
  expect(gap(made, wanted)).toBeLessThan(markSize * 0.6);
}

const pixelsOf = (picture: Sharp) => picture.removeAlpha().toColourspace('srgb').raw().toBuffer();

/** How far two pictures are apart, in levels of a sample. */
function gap(one: Buffer, other: Buffer): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += Math.abs((one[at] ?? 0) - (other[at] ?? 0));
  return sum / one.length;
}
