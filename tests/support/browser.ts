import { expect, type Page } from '@playwright/test';
import { stack } from './stack.ts';

type Login = { email: string; password: string };

/** Signs in by the page, and waits for the dashboard. */
export async function signIn(page: Page, { email, password }: Login = stack.demo): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
}

/** Another test kills the server of live events now and then; the browser logs that by itself. */
const isLostSocket = (text: string) => /^WebSocket connection to '[^']*' failed/.test(text);

/** Collects what a page complains of: errors that are thrown, and those that are logged. */
export function collectErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !isLostSocket(message.text())) errors.push(message.text());
  });
  return errors;
}

/** Pixels by which a page is wider than its window. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
