import type { Logger } from '../../logger.ts';
import type { BrowserProcess } from './browser-process.ts';
import { closeJobPage, type JobPage, openJobPage, resetJobPage } from './job-page.ts';

const usesOfOnePage = 8;
const jobsOfOneBrowser = 500;

/** Housekeeping that takes longer than this is a browser gone wrong. */
const tidyMilliseconds = 5_000;

/** One browser, and the pages that it has ready for its next job. */
export type BrowserSlot = {
  readonly process: BrowserProcess;
  /** Whose page is kept here, if anybody's. */
  readonly keptFor: string | undefined;
  /** Whether an untouched page waits. */
  readonly hasFreshPage: boolean;
  /** Whether it has served as many jobs as one browser may. */
  readonly isWornOut: boolean;
  /**
   * The account's kept page where it may be used again, else an untouched one. What the job before
   * left is cleared first.
   */
  open: (accountId: string, mayReuse: boolean) => Promise<JobPage>;
  /** Takes a page back after its job; `accountId` is given where the account may have it again. */
  leave: (page: JobPage, accountId: string | undefined) => void;
  /** Clears what the last job left and prepares a page, while nobody waits. */
  tidy: () => Promise<void>;
};

export function createBrowserSlot(process: BrowserProcess, logger: Logger): BrowserSlot {
  let fresh: JobPage | undefined;
  let left: { page: JobPage; accountId: string | undefined; isDirty: boolean } | undefined;
  let jobs = 0;
  let tidying: Promise<void> = Promise.resolve();

  async function openPage(): Promise<JobPage> {
    const opened = await openJobPage(process.browser);
    opened.page.once('error', () => process.kill());
    return opened;
  }

  async function clear(): Promise<void> {
    if (!left?.isDirty) return;
    if (left.accountId === undefined || left.page.uses >= usesOfOnePage) {
      const { page } = left;
      left = undefined;
      await closeJobPage(page);
    } else {
      await resetJobPage(left.page);
      left.isDirty = false;
    }
  }

  async function clearAndPrepare(): Promise<void> {
    await clear();
    fresh ??= await openPage();
  }

  /** A browser that cannot be tidied is not worth the doubt. */
  async function withinTime(work: Promise<void>): Promise<void> {
    work.catch(() => {});
    const giveUp = (err: unknown) => {
      if (!process.isDead) logger.warn({ err }, 'a browser could not be tidied and is replaced');
      process.kill();
    };
    const late = new Error(`not done within ${tidyMilliseconds} ms`);
    const timer = setTimeout(giveUp, tidyMilliseconds, late);
    try {
      // Some calls to a browser that has died never end.
      await Promise.race([work, process.died]);
    } catch (error) {
      giveUp(error);
    } finally {
      clearTimeout(timer);
    }
  }

  async function open(accountId: string, mayReuse: boolean): Promise<JobPage> {
    await tidying;
    jobs += 1;
    if (left && mayReuse && left.accountId === accountId && left.page.uses < usesOfOnePage) {
      await withinTime(clear());
      if (left) {
        const { page } = left;
        left = undefined;
        page.uses += 1;
        return page;
      }
    }
    // Waited for: what an old page still asks for must not be laid at the next job's door.
    if (left) await withinTime(closeJobPage(left.page));
    left = undefined;
    const page = fresh ?? (await openPage());
    fresh = undefined;
    page.uses += 1;
    return page;
  }

  return {
    process,
    get keptFor() {
      return left?.accountId;
    },
    get hasFreshPage() {
      return fresh !== undefined;
    },
    get isWornOut() {
      return jobs >= jobsOfOneBrowser;
    },
    open,
    leave: (page, accountId) => {
      left = { page, accountId, isDirty: true };
    },
    tidy: () => {
      tidying = tidying.then(() => withinTime(clearAndPrepare()));
      return tidying;
    },
  };
}
