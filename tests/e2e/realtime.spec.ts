import { expect, type Page, test } from '@playwright/test';
import { arrive, collectErrors } from '../support/browser.ts';
import type { Credentials } from '../support/callers.ts';
import { api, currentPids } from '../support/stack.ts';

/** Opens a page, and resolves when it hears the account's own channel. */
async function openLive(page: Page, path: string): Promise<void> {
  const heard = new Promise<void>((resolve) => {
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        if (String(payload).includes('subscription_succeeded')) resolve();
      }),
    );
  });
  await page.goto(path);
  await heard;
}

async function beginJob(as: Credentials, body: Record<string, unknown> = {}): Promise<string> {
  const response = await fetch(`${api}/tools/html-to-pdf`, {
    method: 'POST',
    headers: {
      ...as,
      'content-type': 'application/json',
      prefer: 'respond-async',
    },
    body: JSON.stringify({ html: '<p>live', ...body }),
  });
  return ((await response.json()) as { id: string }).id;
}

const rowOf = (page: Page, id: string) =>
  page.getByRole('row').filter({ has: page.locator(`a[href$="${id}"]`) });

// A list without an open job asks for nothing by itself: what appears there was told.

test('a job that begins elsewhere appears in the list, and ends there', async ({ page }) => {
  const { session } = await arrive(page);
  const errors = collectErrors(page);
  await openLive(page, '/dashboard/jobs');
  await expect(page.getByText('No jobs yet')).toBeVisible();
  const id = await beginJob(session);
  await expect(rowOf(page, id).getByText('succeeded')).toBeVisible({ timeout: 20_000 });
  expect(errors).toEqual([]);
});

test('the overview shows a new job and what it has cost', async ({ page }) => {
  const { session } = await arrive(page);
  await openLive(page, '/dashboard');
  await expect(page.getByText('No jobs yet')).toBeVisible();
  const left = page.getByText('calls left').locator('xpath=preceding-sibling::p[1]');
  const before = Number((await left.textContent())?.replaceAll(',', ''));
  const id = await beginJob(session);
  await expect(rowOf(page, id).getByText('succeeded')).toBeVisible({ timeout: 20_000 });
  await expect(left).toHaveText((before - 1).toLocaleString('en'));
});

test('a page that lost the connection catches up when it is back', async ({ page }) => {
  const { session } = await arrive(page);
  await openLive(page, '/dashboard/jobs');
  await expect(page.getByText('No jobs yet')).toBeVisible();
  const pid = currentPids().channels;
  if (!pid) throw new Error('The channels server is not running.');
  process.kill(pid, 'SIGKILL');
  const id = await beginJob(session);
  await expect(rowOf(page, id).getByText('succeeded')).toBeVisible({ timeout: 40_000 });
});

test('a page that is told nothing asks for the job until it is over', async ({ page }) => {
  await page.routeWebSocket(/\/app\//, (socket) => void socket.close());
  const { session } = await arrive(page);
  const id = await beginJob(session, { wait: { delay_ms: 1_000 } });
  await page.goto(`/dashboard/jobs/${id}`);
  await expect(page.getByText('succeeded')).toBeVisible({ timeout: 20_000 });
});
