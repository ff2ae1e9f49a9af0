import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectMarked } from '../../media-service/src/test-mark/testing/marker.ts';
import { acceptBatch, batchEnd } from '../support/batches.ts';
import { storeDirectly } from '../support/files.ts';
import { accept, bytesOf, endOf, getJob } from '../support/jobs.ts';
import { png } from '../support/samples.ts';
import { newAccount, postForm } from '../support/stack.ts';
import { acceptSteps } from '../support/steps.ts';

const scopes = ['tools:run', 'jobs:read', 'jobs:write', 'files:read', 'usage:read'];

/** One account, with a key of each mode. */
async function twoKeys() {
  const { id, key: test } = await newAccount({ plan: 'enterprise', mode: 'test', scopes });
  const { createApiKey } = await import('#server/modules/api-key/service.ts');
  const { key: live } = await createApiKey({ accountId: id, name: 'Live', scopes });
  return { id, live, test };
}

test('a direct call is marked for a test key alone, also where the same call is repeated', async () => {
  const { live, test: tried } = await twoKeys();
  const file = new Blob([new Uint8Array(await png(120, 90))]);
  const run = async (key: string) => {
    const response = await postForm('image-resize', key, { file, width: '100', format: 'png' });
    expect(response.status).toBe(200);
    return Buffer.from(await response.arrayBuffer());
  };
  const plain = await run(live);
  const marked = await run(tried);
  await expectMarked(marked, plain);
  expect((await run(live)).equals(plain)).toBe(true);
  expect((await run(tried)).equals(marked)).toBe(true);
});

test('a job, a batch and every step of a job are marked for a test key alone', async () => {
  const { id, live, test: tried } = await twoKeys();
  const { id: file_id } = await storeDirectly(id, await png(120, 90));
  const options = { width: 100, format: 'png' };
  const steps = [
    { id: 'small', tool: 'image-resize', input: { file_id }, options },
    { id: 'pdf', tool: 'img-to-pdf', input: { step: 'small' } },
  ];
  const run = async (key: string) => {
    const single = await accept(key, 'image-resize', { file_id, ...options });
    const several = await acceptSteps(key, steps);
    const batch = await acceptBatch(key, { tool: 'image-resize', options, file_ids: [file_id] });
    return { single: single.id, several: several.id, batch: batch.id };
  };
  const made = async ({ batch, several, single }: Awaited<ReturnType<typeof run>>, key: string) => {
    const [item] = (await batchEnd(key, batch)).items;
    const jobs = [
      await endOf(key, single),
      await getJob(key, item?.job_id ?? ''),
      await endOf(key, several),
    ];
    const [picture, fromBatch, pdf] = await Promise.all(jobs.map(bytesOf));
    return { picture, fromBatch, pdf: pdf ?? Buffer.alloc(0) };
  };
  const plain = await made(await run(live), live);
  const marked = await made(await run(tried), live);
  expect(plain.fromBatch).toEqual(plain.picture);
  await expectMarked(marked.picture, plain.picture);
  await expectMarked(marked.fromBatch, plain.picture);
  await expectMarked(pictureIn(marked.pdf), pictureIn(plain.pdf));
  expect([plain, marked].map(({ pdf }) => pdf.includes('/TestMark'))).toEqual([false, true]);
});

/** The picture that a PDF holds, without what lies over it. */
function pictureIn(pdf: Buffer): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'nebula-test-keys-'));
  try {
    writeFileSync(join(folder, 'in.pdf'), pdf);
    execFileSync('pdfimages', ['-png', 'in.pdf', 'out'], { cwd: folder });
    return readFileSync(join(folder, 'out-000.png'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
