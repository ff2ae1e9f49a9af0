import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { type Credentials, sessionOf } from './callers.ts';
import { newOwner, stack } from './stack.ts';

type Login = { email: string; password: string };

/** Signs in by the page, and waits for the dashboard. */
export async function signIn(page: Page, { email, password }: Login = stack.demo): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
}

/** Whose page it is, and a session of theirs for calls from elsewhere. */
type Arrived = { id: string; email: string; session: Credentials };

/**
 * Opens a page of the dashboard as somebody who is signed in already, by default somebody new:
 * signing in has journeys of its own.
 */
export async function arrive(
  page: Page,
  path = '/dashboard',
  known?: { email: string },
): Promise<Arrived> {
  const { email, id } = known ? await findOwner(known.email) : await newOwner();
  const session = await sessionOf(id);
  const [name = '', value = ''] = session.cookie?.split('=') ?? [];
  await page.context().addCookies([{ name, value, url: stack.url, httpOnly: true }]);
  await page.goto(path);
  // A click before React has taken over the page is lost.
  await page.waitForFunction(() =>
    Object.keys(document.querySelector('main') ?? {}).some((key) => key.startsWith('__react')),
  );
  return { id, email, session };
}

async function findOwner(email: string): Promise<{ id: string; email: string }> {
  const { database } = await import('#server/database.ts');
  const { data } = await database().identity.get({ provider: 'password', email }).go();
  if (!data) throw new Error(`${email} has no account.`);
  return { id: data.accountId, email };
}

/** Calls the API as the person who is signed in on the page; the answer has to be a good one. */
export async function callFromPage<T>(page: Page, path: string, body: unknown): Promise<T> {
  const answer = await page.evaluate(
    async ([to, json]) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`/api/v1${to}`, { method: 'POST', headers, body: json });
      return { isGood: response.ok, text: await response.text() };
    },
    [path, JSON.stringify(body)] as const,
  );
  expect(answer.isGood, answer.text).toBe(true);
  return JSON.parse(answer.text) as T;
}

/** What is coming or going has colours of the moment alone. */
const untilStill = (page: Page) =>
  page.waitForFunction(() =>
    document.getAnimations().every(({ effect, playState }) => {
      const isEndless = effect?.getTiming().iterations === Number.POSITIVE_INFINITY;
      return isEndless || playState !== 'running';
    }),
  );

/** Looks at a page as one: no page has a frame of another origin, for which axe would open a window. */
export const axeOn = (page: Page) => new AxeBuilder({ page }).setLegacyMode();

/** A page has nothing that axe finds, and is no wider than its window. */
export async function expectInOrder(page: Page, what: string): Promise<void> {
  await untilStill(page);
  const axe = axeOn(page);
  // An open menu belongs to its button and not to a part of the page, whatever lies below it.
  const { violations } = await (what === 'menu' ? axe.disableRules('region') : axe).analyze();
  expect(violations.map(({ id, nodes }) => `${what} ${id}: ${nodes[0]?.html}`)).toEqual([]);
  expect(await overflowOf(page), what).toBeLessThanOrEqual(0);
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
