import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Job } from '@nebula/contract/job';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { expectNoLeftovers, mediaChildren, waitUntilReady, whenBusy } from '../support/chaos.ts';
import { accepted, endOf, newJobAccount } from '../support/jobs.ts';
import { mediaPid, webPid } from '../support/process.ts';
import { quotaLeft } from '../support/quota.ts';
import { html, jpeg } from '../support/samples.ts';
import { postForm } from '../support/stack.ts';

/** Cells of the matrix that are tried, from the first; SIGNAL_CELLS=36 is the whole. */
const cellCount = Number(process.env.SIGNAL_CELLS ?? 2);

type Engine = { tool: string; process: RegExp; work: () => Promise<Record<string, string | Blob>> };

const blob = (bytes: Uint8Array<ArrayBufferLike>) => new Blob([new Uint8Array(bytes)]);
const clip = readFileSync('samples/video-compress/nebula.mp4');
const loop = 'const end=Date.now()+1500;while(Date.now()<end);';

/** Work of a second or two for each, and the process that does it. */
const engines: Record<string, Engine> = {
  ghostscript: {
    tool: 'pdf-to-images',
    process: /^\S*\bgs\b/,
    work: async () => ({ file: blob(document), dpi: '150' }),
  },
  python: {
    tool: 'image-resize',
    process: /worker\.py/,
    work: async () => {
      const options = { width: '5000', enlarge: 'true', filter: 'lanczos4', sharpen: '10' };
      return { file: blob(await jpeg(2000, 2000)), ...options };
    },
  },
  ffmpeg: {
    tool: 'video-compress',
    process: /^\S*\bffmpeg\b/,
    work: async () => ({ file: blob(clip), 'trim[end]': '2' }),
  },
  chromium: {
    tool: 'html-to-pdf',
    process: /--type=renderer/,
    work: async () => ({ html: `<p>x<script>${loop}</script>` }),
  },
};
const signals = ['SIGKILL', 'SIGSTOP', 'SIGSEGV'] as const;
const moments = [0, 0.5, 0.99];

/** Each engine comes before any of them comes again, and so does each signal. */
const cells = moments
  .flatMap((moment, shift) =>
    signals.flatMap((_signal, turn) =>
      Object.keys(engines).map((engine, at) => {
        const signal = signals[(turn + shift + at) % signals.length] ?? 'SIGKILL';
        return { engine, signal, moment };
      }),
    ),
  )
  .slice(0, cellCount);

let document: Buffer;
let account: Awaited<ReturnType<typeof newJobAccount>>;
beforeAll(async () => {
  account = await newJobAccount();
  const pages = await postForm('html-to-pdf', account.key, { html: html(20) });
  document = Buffer.from(await pages.arrayBuffer());
});
beforeEach(waitUntilReady);

async function begin({ tool, work }: Engine, more: Record<string, string> = {}): Promise<Job> {
  const fields = { ...(await work()), cache: 'false', ...more };
  return accepted(await postForm(tool, account.key, fields, { prefer: 'respond-async' }));
}

/** Milliseconds that the work takes when nobody disturbs it. */
async function timeOf(engine: Engine): Promise<number> {
  const { error, status, timing } = await endOf(account.key, (await begin(engine)).id);
  expect(status, JSON.stringify(error)).toBe('succeeded');
  return timing?.run_ms ?? 0;
}

test.each(cells)(
  '$signal to $engine at $moment of its work: the job ends in order, and the next is done',
  async (cell) => {
    const engine = engines[cell.engine] as Engine;
    const [web, media] = [webPid(), mediaPid()];
    const runMs = cell.moment === 0 ? 0 : await timeOf(engine);
    const left = await quotaLeft(account.id);
    const job = await begin(engine, { timeout_seconds: '5' });
    const pids = await whenBusy(() => mediaChildren(engine.process), 2);
    await delay(cell.moment * runMs);
    for (const pid of pids) send(pid, cell.signal);
    const { error, status } = await endOf(account.key, job.id);
    if (status === 'failed') expect(['engine_crashed', 'tool_timeout']).toContain(error?.code);
    else expect(status).toBe('succeeded');
    await expect.poll(() => quotaLeft(account.id)).toBe(status === 'succeeded' ? left - 1 : left);
    await expectNoLeftovers(pids);
    expect(await timeOf(engine)).toBeGreaterThan(0);
    expect([webPid(), mediaPid()]).toEqual([web, media]);
  },
  180_000,
);

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Its work was done before.
  }
}
