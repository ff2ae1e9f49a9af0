import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'puppeteer';

const attempts = 20;
const pauseMs = 100;

/**
 * Runs a script in the page as it is now. A page that goes to another address takes the ground away
 * from under a script; then it is run in the document that comes next.
 */
export async function evaluateInPage(page: Page, script: string): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await page.evaluate(script);
    } catch (error) {
      if (attempt === attempts || !isGroundGone(error)) throw error;
      await delay(pauseMs);
    }
  }
}

function isGroundGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    /context was destroyed|Cannot find context|frame (was|got) detached/i.test(error.message)
  );
}

/** Adds style rules in a way that no content security policy of the page forbids. */
export async function addRules(page: Page, css: string): Promise<void> {
  await evaluateInPage(
    page,
    `{
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(${JSON.stringify(css)});
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    }`,
  );
}
