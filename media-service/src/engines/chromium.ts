import { setTimeout as delay } from 'node:timers/promises';
import { AppError, isAppError } from '@nebula/contract/errors';
import { createEgress, parseAllowList } from '@nebula/egress';
import type { EgressProxy } from '@nebula/egress/proxy';
import type { BrowserContext, Page } from 'puppeteer';
import type { Env } from '../env.ts';
import type { Logger } from '../logger.ts';
import { type BrowserUnit, launchUnit } from './chromium/browser-unit.ts';
import type { Engine } from './engines.ts';

const usesOfOnePage = 8;
const jobsOfOneBrowser = 500;
const closeMilliseconds = 2_000;
const maxBackoffMilliseconds = 10_000;

export type PageJob = {
  page: Page;
  context: BrowserContext;
  /** What the job's traffic was refused. */
  proxy: EgressProxy;
};

export type PageCall = {
  accountId: string;
  signal: AbortSignal;
  /**
   * Whether nothing of the job can outlive its page: it loads no address and sets no cookie. Then
   * the account's next job may have the same page, after about:blank.
   */
  leavesNoTrace: boolean;
};

/** Pre-launched browsers, one job at a time in each. */
export type Chromium = Engine & {
  /**
   * Runs work in a fresh page. An abort kills the browser, and only that one; a browser that dies by
   * itself is replaced, and the work tried once more.
   */
  withPage: <T>(call: PageCall, work: (job: PageJob) => Promise<T>) => Promise<T>;
};

/** Makes the engine: as many browsers as slots, and one in reserve for whichever is killed. */
export function createChromium(env: Env, logger: Logger): Chromium {
  const egress = createEgress({
    ports: env.EGRESS_PORTS.split(',').map(Number),
    allow: parseAllowList(env.EGRESS_ALLOW),
  });
  const isolatesBrowser = env.CHROMIUM_ISOLATION === 'browser';
  const wanted = env.MEDIA_SLOTS + (isolatesBrowser ? env.MEDIA_SLOTS : 1);
  const idle: BrowserUnit[] = [];
  const units = new Set<BrowserUnit>();
  const waiting: (() => void)[] = [];
  let launching = 0;
  let failedLaunches = 0;
  let restarts = 0;
  let busy = 0;
  let version = '';
  let isStopped = false;

  const refill = () => {
    while (!isStopped && units.size + launching < wanted) {
      launching += 1;
      void launchOne();
    }
  };

  const launchOne = async () => {
    try {
      if (failedLaunches > 0)
        await delay(Math.min(maxBackoffMilliseconds, 200 * 2 ** failedLaunches), undefined, {
          ref: false,
        });
      const unit = await launchUnit(env, egress, onDeath);
      version = unit.version;
      failedLaunches = 0;
      if (isStopped) return unit.kill();
      if (unit.isDead()) return;
      units.add(unit);
      giveBack(unit);
    } catch (error) {
      failedLaunches += 1;
      logger.error({ err: error }, 'chromium did not start');
    } finally {
      launching -= 1;
      refill();
    }
  };

  const onDeath = (unit: BrowserUnit) => {
    units.delete(unit);
    const at = idle.indexOf(unit);
    if (at >= 0) idle.splice(at, 1);
    restarts += 1;
    refill();
  };

  const giveBack = (unit: BrowserUnit) => {
    if (unit.isDead()) return;
    idle.push(unit);
    waiting.shift()?.();
  };

  /** Prefers the browser that the account had before, then one that nobody's page is kept in. */
  const take = async ({ accountId, signal }: PageCall): Promise<BrowserUnit> => {
    for (;;) {
      signal.throwIfAborted();
      const unit =
        idle.find(({ kept }) => kept?.accountId === accountId) ??
        idle.find(({ kept }) => !kept) ??
        idle[0];
      if (unit) {
        idle.splice(idle.indexOf(unit), 1);
        return unit;
      }
      if (failedLaunches > 3)
        throw new AppError('unavailable', 'Chromium cannot be started.', { retryAfterSeconds: 10 });
      await Promise.race([
        new Promise<void>((resolve) => waiting.push(resolve)),
        delay(500, undefined, { ref: false }),
      ]);
    }
  };

  const runOnce = async <T>(call: PageCall, work: (job: PageJob) => Promise<T>): Promise<T> => {
    const unit = await take(call);
    const { signal } = call;
    const onAbort = () => unit.kill();
    signal.addEventListener('abort', onAbort, { once: true });
    unit.proxy.reset();
    unit.jobs += 1;
    let dropCrashed: (error: Error) => void = () => {};
    const crashed = new Promise<never>((_resolve, reject) => {
      dropCrashed = reject;
    });
    crashed.catch(() => {});
    const onDisconnect = () => dropCrashed(new Error('the browser is gone'));
    unit.browser.once('disconnected', onDisconnect);
    try {
      const opened = openPage(unit, call);
      opened.catch(() => {});
      const { context, page } = await Promise.race([opened, crashed]);
      page.once('error', dropCrashed);
      const done = work({ page, context, proxy: unit.proxy });
      done.catch(() => {});
      return await Promise.race([done, crashed]);
    } catch (error) {
      // A page that failed may still be at work; its browser is not worth the doubt.
      if (!isAppError(error)) unit.kill();
      throw explain(error, unit, signal);
    } finally {
      signal.removeEventListener('abort', onAbort);
      unit.browser.off('disconnected', onDisconnect);
      void retire(unit, call, isolatesBrowser).then(() => giveBack(unit));
    }
  };

  return {
    start: async () => {
      refill();
      while (idle.length < Math.min(env.MEDIA_SLOTS, wanted) && failedLaunches < 3) await delay(20);
      if (idle.length === 0) throw new Error(`Chromium did not start: ${env.CHROMIUM_PATH}`);
    },
    stop: async () => {
      isStopped = true;
      for (const unit of units) unit.kill();
    },
    health: () => ({
      ready: units.size > 0 && failedLaunches < 3,
      version,
      slots: env.MEDIA_SLOTS,
      busy,
      restarts,
    }),
    withPage: async (call, work) => {
      busy += 1;
      try {
        return await runOnce(call, work);
      } catch (error) {
        const isCrash = isAppError(error) && error.code === 'engine_crashed';
        if (!isCrash || call.signal.aborted) throw error;
        return await runOnce(call, work);
      } finally {
        busy -= 1;
      }
    },
  };
}

/** A page for the job: the account's kept one, or a new one in a new context. */
async function openPage(
  unit: BrowserUnit,
  { accountId, leavesNoTrace }: PageCall,
): Promise<{ page: Page; context: BrowserContext }> {
  const { kept } = unit;
  if (kept && leavesNoTrace && kept.accountId === accountId) {
    kept.uses += 1;
    return kept;
  }
  unit.kept = undefined;
  await kept?.context.close();
  const context = await unit.browser.createBrowserContext({ downloadBehavior: { policy: 'deny' } });
  const page = await context.newPage();
  page.on('dialog', (dialog) => void dialog.dismiss().catch(() => {}));
  page.on('popup', (popup) => void popup?.close().catch(() => {}));
  if (leavesNoTrace) unit.kept = { accountId, context, page, uses: 1 };
  return { context, page };
}

/** Makes the browser clean for its next job, or ends it where that cannot be had. */
async function retire(unit: BrowserUnit, call: PageCall, isolatesBrowser: boolean): Promise<void> {
  if (unit.isDead()) return;
  if (isolatesBrowser || unit.jobs >= jobsOfOneBrowser) return unit.kill();
  const { kept } = unit;
  const mayKeep = kept && call.leavesNoTrace && kept.uses < usesOfOnePage;
  if (!mayKeep) unit.kept = undefined;
  const cleaned = mayKeep
    ? resetPage(kept.page)
    : Promise.all(openContexts(unit).map((context) => context.close()));
  const isClean = await Promise.race([
    cleaned.then(() => true).catch(() => false),
    delay(closeMilliseconds, false, { ref: false }),
  ]);
  if (!isClean) unit.kill();
}

/** Clears globals and timers; what else could stay was never there. */
async function resetPage(page: Page): Promise<void> {
  page.removeAllListeners('request');
  page.removeAllListeners('requestfailed');
  page.removeAllListeners('response');
  page.removeAllListeners('console');
  page.removeAllListeners('pageerror');
  await page.goto('about:blank');
}

function openContexts({ browser }: BrowserUnit): BrowserContext[] {
  return browser.browserContexts().filter((context) => context !== browser.defaultBrowserContext());
}

function explain(error: unknown, unit: BrowserUnit, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (unit.hasOverflowed())
    return new AppError('input_too_complex', 'The page needs more memory than one job may use.');
  if (isAppError(error)) return error;
  return new AppError('engine_crashed', 'The browser stopped while it worked on the page.', {
    cause: error,
  });
}
