import { beforeAll, beforeEach, expect, test } from 'vitest';
import { killAll, waitUntilReady } from '../support/chaos.ts';
import { bytesOf, endOf, newJobAccount, storedJob } from '../support/jobs.ts';
import { mediaPid, webPid } from '../support/process.ts';
import { quotaLeft } from '../support/quota.ts';
import { html, pdfFacts } from '../support/samples.ts';
import { acceptSteps, statesOf } from '../support/steps.ts';

let account: Awaited<ReturnType<typeof newJobAccount>>;
let left: number;
beforeAll(async () => {
  account = await newJobAccount();
});
beforeEach(async () => {
  await waitUntilReady();
  left = await quotaLeft(account.id);
});

const slow = { wait: { delay_ms: 3_000 } };
const steps = [
  { id: 'first', tool: 'html-to-pdf', input: { html: html() } },
  { id: 'slow', tool: 'html-to-pdf', input: { html: html(2) }, options: slow },
  { id: 'images', tool: 'pdf-to-images', input: { step: 'slow' }, options: { dpi: 40 } },
  { id: 'joined', tool: 'img-to-pdf', input: { step: 'images' } },
];

test.each([
  ['web process', webPid],
  ['media-service', mediaPid],
])(
  'kill -9 of the %s in the middle of a job of steps: it ends, each step charged once',
  async (_what, pid) => {
    const { id } = await acceptSteps(account.key, steps);
    const row = () => storedJob(account.id, id);
    const done = async () => (await row()).doneUnits;
    await expect.poll(done, { timeout: 20_000, interval: 20 }).toBe(1);
    killAll([pid()]);
    const status = async () => (await row()).status;
    await expect.poll(status, { timeout: 50_000, interval: 200 }).toMatch(/succeeded|failed/);
    await waitUntilReady();
    const job = await endOf(account.key, id);
    expect(job).toMatchObject({ status: 'succeeded', units: 4 });
    expect(statesOf(job)).toEqual(Array(4).fill('succeeded'));
    // The first step is taken by no other, so its file is one of the job too.
    const pages = job.files.map(
      async (file) => pdfFacts(await bytesOf({ ...job, files: [file] })).pages,
    );
    expect(await Promise.all(pages)).toEqual([1, 2]);
    expect(await quotaLeft(account.id)).toBe(left - 4);
  },
  120_000,
);
