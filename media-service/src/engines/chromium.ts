import { setTimeout as delay } from 'node:timers/promises';
import { AppError, isAppError } from '@nebula/contract/errors';
import { createEgress, type Egress, parseAllowList } from '@nebula/egress';
import type { EgressProxy } from '@nebula/egress/proxy';
import type { BrowserContext, Page } from 'puppeteer';
import type { Env } from '../env.ts';
import { shortageOf } from '../jobs/shortage.ts';
import type { Logger } from '../logger.ts';
import { createBrowserPool } from './chromium/browser-pool.ts';
import { type BrowserProcess, launchBrowser } from './chromium/browser-process.ts';
import type { BrowserSlot } from './chromium/browser-slot.ts';
import type { JobPage } from './chromium/job-page.ts';
import type { Engine } from './engines.ts';

/** Pre-launched browsers with one job at a time in each. */
export type Chromium = Engine & {
  /** The guard behind the proxies; it also refuses an address before a browser is asked. */
  egress: Egress;
  /**
   * Does `work` with a page that nobody else has. An abort kills its browser, and only that one; when
   * a browser ends by itself, the work is done once more from its beginning in another.
   *
   * @throws AppError `engine_crashed`, `input_too_complex` (memory) or `unavailable`; the reason of
   *   `signal`; what `work` throws
   * @example
   * await chromium.withPage({ accountId, signal, mayReuse: true }, async ({ page }) => {
   *   await page.setContent('<h1>Hello</h1>');
   * });
   */
  withPage: <T>(call: PageCall, work: (room: PageRoom) => Promise<T>) => Promise<T>;
};

export type PageCall = {
  accountId: string;
  signal: AbortSignal;
  /**
   * Whether the page may be one that the account had before, and may stay for it: true where `work`
   * shows inline HTML and leaves every setting of the page as it was.
   */
  mayReuse: boolean;
};

export type PageRoom = {
  page: Page;
  context: BrowserContext;
  /** What the job's traffic used, and what it was refused. */
  proxy: EgressProxy;
};

const settleMilliseconds = 100;

/** As many browsers as slots and one in reserve, or one in reserve for each where none is used twice. */
export function createChromium(env: Env, logger: Logger): Chromium {
  const egress = createEgress({
    ports: env.EGRESS_PORTS.split(',').map(Number),
    allow: parseAllowList(env.EGRESS_ALLOW),
  });
  const isBrowserPerJob = env.CHROMIUM_ISOLATION === 'browser';
  const size = env.MEDIA_SLOTS + (isBrowserPerJob ? env.MEDIA_SLOTS : 1);
  const pool = createBrowserPool((onDeath) => launchBrowser(env, egress, onDeath), size, logger);
  let busy = 0;

  /** A browser that has died while it was idle costs no attempt. */
  async function openPage(call: PageCall): Promise<{ slot: BrowserSlot; opened: JobPage }> {
    for (let attempt = 0; ; attempt++) {
      const slot = await pool.take(call.accountId, call.signal);
      const { process } = slot;
      const stopKilling = killOnAbort(process, call.signal);
      try {
        return {
          slot,
          opened: await untilDeath(process, slot.open(call.accountId, call.mayReuse)),
        };
      } catch (error) {
        process.kill();
        if (call.signal.aborted || attempt === size) throw explain(error, process, call.signal);
      } finally {
        stopKilling();
      }
    }
  }

  async function runOnce<T>(call: PageCall, work: (room: PageRoom) => Promise<T>): Promise<T> {
    const { opened, slot } = await openPage(call);
    const { process } = slot;
    const stopKilling = killOnAbort(process, call.signal);
    try {
      process.proxy.reset();
      const result = await untilDeath(process, work({ ...opened, proxy: process.proxy }));
      const hasStayedInside = call.mayReuse && process.proxy.bytes === 0;
      slot.leave(opened, hasStayedInside ? call.accountId : undefined);
      return result;
    } catch (error) {
      slot.leave(opened, undefined);
      const reason = explain(error, process, call.signal);
      // What the page is still busy with is unknown, unless the runner itself has given it up.
      if (!isAppError(error)) process.kill();
      throw reason;
    } finally {
      stopKilling();
      if (isBrowserPerJob) process.kill();
      pool.giveBack(slot);
    }
  }

  return {
    egress,
    start: pool.start,
    stop: pool.stop,
    health: () => {
      const { alive, ended } = pool.counts();
      const version = pool.version();
      return { ready: alive > 0, version, slots: env.MEDIA_SLOTS, busy, restarts: ended };
    },
    withPage: async (call, work) => {
      busy += 1;
      try {
        return await runOnce(call, work).catch(async (error: unknown) => {
          const isCrash = isAppError(error) && error.code === 'engine_crashed';
          if (!isCrash || call.signal.aborted) throw error;
          logger.warn({ err: error.cause }, 'the browser of a job ended; it is tried once more');
          // What has killed one browser may have killed others, which is known a moment later.
          await delay(settleMilliseconds);
          call.signal.throwIfAborted();
          return runOnce(call, work);
        });
      } finally {
        busy -= 1;
      }
    },
  };
}

/** @returns what ends the watch; an abort that came before kills at once */
function killOnAbort(process: BrowserProcess, signal: AbortSignal): () => void {
  const kill = () => process.kill();
  if (signal.aborted) kill();
  signal.addEventListener('abort', kill, { once: true });
  return () => signal.removeEventListener('abort', kill);
}

/** Work in a browser that is gone would wait for ever. */
async function untilDeath<T>(process: BrowserProcess, work: Promise<T>): Promise<T> {
  work.catch(() => {});
  const death = process.died.then(() => {
    throw new Error('the browser is gone');
  });
  death.catch(() => {});
  return Promise.race([work, death]);
}

function explain(error: unknown, process: BrowserProcess, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (process.endReason) return process.endReason;
  if (isAppError(error)) return error;
  const message = 'The browser stopped while it worked on the page.';
  return shortageOf(error) ?? new AppError('engine_crashed', message, { cause: error });
}
