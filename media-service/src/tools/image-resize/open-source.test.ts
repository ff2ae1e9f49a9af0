import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileType } from '@nebula/contract/file-types';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngines } from '../../testing/create-engines.ts';
import { testJob } from '../../testing/test-job.ts';
import { openSource } from './open-source.ts';

const engines = createEngines();
const folder = mkdtempSync(join(tmpdir(), 'nebula-resize-source-'));

beforeAll(() => engines.sharp.start());
afterAll(async () => {
  await engines.sharp.stop();
  rmSync(folder, { recursive: true, force: true });
});

it.each<[FileType, 'jpeg' | 'tiff']>([
  ['jpg', 'jpeg'],
  ['tiff', 'tiff'],
])('a %s is noted as it is meant to be seen, whatever is done with it', async (type, format) => {
  const path = join(folder, `lying.${type}`);
  const image = sharp({ create: { width: 600, height: 400, channels: 3, background: '#3366cc' } });
  const lying = image.toFormat(format).withMetadata({ orientation: 6 });
  writeFileSync(path, await lying.toBuffer());
  for (const options of [{ width: 50 }, { width: 50, rotate: 90 }, { auto_rotate: false }]) {
    const job = testJob('image-resize', options, [{ path, type }]);
    try {
      await openSource(job, engines);
      expect(job.inputs).toEqual([{ width: 400, height: 600, pages: 1 }]);
    } finally {
      job.remove();
    }
  }
});
