import { expect, test } from 'vitest';
import { accept, bytesOf, endOf, newJobAccount } from '../support/jobs.ts';

test('files of a job that was never written go after a while, those of every other stay', async () => {
  const { removeStrays } = await import('#server/modules/job/strays.ts');
  const { areStored, storeText } = await import('#server/platform/s3.ts');
  const { newId } = await import('#server/platform/ids.ts');
  const { id: accountId, key } = await newJobAccount();
  const { id } = await accept(key, 'html-to-pdf', { html: '<p>stays', keep_input: true });
  const kept = await endOf(key, id);
  // What a submit leaves when the database does not say whether it took the job.
  const below = `jobs/${accountId}/`;
  const left = ['in/0', 'in/1', 'options.json'].map((name) => `${below}${newId('job')}/${name}`);
  for (const file of left) await storeText(file, 'x');
  const hour = 60 * 60 * 1000;
  await removeStrays(Date.now() - hour, below);
  expect(await areStored(left)).toBe(true);
  await removeStrays(Date.now() + hour, below);
  for (const file of left) expect(await areStored([file])).toBe(false);
  expect((await bytesOf(kept)).subarray(0, 5).toString()).toBe('%PDF-');
});

test('what a direct call has stored goes when its time is over', async () => {
  const { removeOld } = await import('#server/modules/job/strays.ts');
  const { areStored, storeText } = await import('#server/platform/s3.ts');
  const { id } = await newJobAccount();
  const below = `results/free/${id}/`;
  const file = `${below}req_1/file_1`;
  await storeText(file, 'x');
  await removeOld(below, Date.now() - 60_000);
  expect(await areStored([file])).toBe(true);
  await removeOld(below, Date.now() + 60_000);
  expect(await areStored([file])).toBe(false);
});
