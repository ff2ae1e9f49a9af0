import type { Browser, BrowserContext, Page } from 'puppeteer';

/** A page in a context of its own. */
export type JobPage = {
  page: Page;
  context: BrowserContext;
  /** Jobs that it has served. */
  uses: number;
};

/** What a job listens to; Puppeteer listens to a page too, so not all listeners may go. */
const eventsOfJobs = [
  'console',
  'pageerror',
  'request',
  'requestfailed',
  'requestfinished',
  'response',
] as const;

/** Opens a page that can neither save files nor open windows, and whose dialogs answer themselves. */
export async function openJobPage(browser: Browser): Promise<JobPage> {
  const context = await browser.createBrowserContext({ downloadBehavior: { policy: 'deny' } });
  const page = await context.newPage();
  page.on('dialog', (dialog) => void dialog.dismiss().catch(() => {}));
  page.on('popup', (popup) => void popup?.close().catch(() => {}));
  return { page, context, uses: 0 };
}

/**
 * Clears globals, timers and the document. Other things that a page can leave behind (cookies,
 * storage, cache) must not be there: a page that has loaded anything is not kept.
 */
export async function resetJobPage({ page }: JobPage): Promise<void> {
  for (const event of eventsOfJobs) page.removeAllListeners(event);
  await page.goto('about:blank');
  // The name of a window outlives its documents.
  await page.evaluate('window.name = ""');
}

export async function closeJobPage({ context }: JobPage): Promise<void> {
  await context.close();
}
