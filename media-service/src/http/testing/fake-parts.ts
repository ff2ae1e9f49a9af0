import { writeFile } from 'node:fs/promises';
import type { Engine, EngineName, Engines } from '../../engines/engines.ts';
import type { Job, RunOutput } from '../../jobs/job.ts';
import type { Runners } from '../../jobs/run-job.ts';

/** Small engines that only know whether they run; given to the server like the real ones. */
export function createFakeEngines(slots = 1, start: () => Promise<void> = async () => {}) {
  const create = (): Engine & { isReady: boolean; isStopped: boolean } => ({
    isReady: false,
    isStopped: false,
    async start() {
      await start();
      this.isReady = true;
    },
    async stop() {
      this.isReady = false;
      this.isStopped = true;
    },
    health() {
      return { ready: this.isReady, version: 'fake 1', slots, busy: 0, restarts: 0 };
    },
  });
  const engines = {
    chromium: create(),
    ffmpeg: create(),
    ghostscript: create(),
    sharp: create(),
    vision: create(),
    word: create(),
  };
  return {
    fakes: engines satisfies Record<EngineName, Engine>,
    engines: engines as unknown as Engines,
  };
}

type Work = (job: Job<Record<string, unknown>>) => Promise<RunOutput>;

/** Runners that all do `work`, in the queue of Chromium. */
export function createFakeRunners(work: Work, cpuTokens = 1): Runners {
  const estimate = async () => ({ outputs: 1, bytes: 1, run_ms: 1, optionsEffective: {} });
  const runner = { engine: 'chromium' as const, cpuTokens, run: work, estimate };
  return {
    'html-to-pdf': runner,
    'image-match': { ...runner, engine: 'vision' },
    'image-resize': { ...runner, engine: 'vision' },
    'video-compress': { ...runner, engine: 'ffmpeg' },
  } as unknown as Runners;
}

/** Writes one PDF-like output that holds `bytes`. */
export async function writePdf(
  job: Job<unknown>,
  bytes: Uint8Array | string = '',
): Promise<RunOutput> {
  const path = job.outputPath('pdf');
  await writeFile(path, Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.from(bytes)]));
  return {
    files: [{ type: 'pdf', path, pages: 1 }],
    engine: { name: 'fake', version: '1' },
    optionsEffective: {},
  };
}

/** Rejects with the reason of the signal when it aborts. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}
