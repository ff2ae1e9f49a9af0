import { expect, test } from '@playwright/test';
import { arrive, callFromPage, collectErrors, expectInOrder } from '../support/browser.ts';

type Made = { id: string };

test('a job shows its way, its output and its code, and asks before it goes', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  const errors = collectErrors(page);
  await arrive(page);
  const input = { html: '<h1>Hello</h1>' };
  const step = { id: 'pdf', tool: 'html-to-pdf', input, options: { page_size: 'A5' } };
  const { id } = await callFromPage<Made>(page, '/jobs', { steps: [step] });
  await page.goto(`/dashboard/jobs/${id}`);
  const timeline = page.getByRole('region', { name: 'Timeline' });
  await expect(timeline).toContainText('ran for', { timeout: 40_000 });
  await expect(timeline).toContainText('Files are removed');
  const code = page.getByRole('tabpanel', { name: 'cURL' });
  await expect(code).toContainText('/api/v1/jobs');
  await expect(code).toContainText('"page_size": "A5"');
  await expectInOrder(page, 'job');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 360, height: 780 });
  await expectInOrder(page, 'job, narrow');
  await page.getByRole('button', { name: /^Show / }).click();
  await expect(page.getByRole('dialog').locator('iframe')).toBeVisible();
  await page.getByRole('button', { name: 'Close' }).click();
  for (const answer of ['Cancel', 'Delete']) {
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: answer }).click();
    await expect(page.getByRole('alertdialog')).toHaveCount(0);
  }
  await expect(page.getByText('No jobs yet')).toBeVisible();
  expect(errors).toEqual([]);
});

test('a job of one tool is code with its options; one that failed says where to read why', async ({
  page,
}) => {
  await arrive(page);
  const id = await page.evaluate(async () => {
    const form = new FormData();
    form.append('file', new Blob(['%PDF-1.7 and nothing more']), 'broken.pdf');
    form.append('dpi', '40');
    const headers = { prefer: 'respond-async', accept: 'application/json' };
    const address = '/api/v1/tools/pdf-to-images';
    const response = await fetch(address, { method: 'POST', headers, body: form });
    return ((await response.json()) as { id: string }).id;
  });
  await page.goto(`/dashboard/jobs/${id}`);
  const problem = page.getByRole('alert').filter({ hasText: /\w/ });
  await expect(problem.getByRole('link')).toHaveAttribute('href', /^\/docs\/errors#\w+$/, {
    timeout: 40_000,
  });
  const code = page.getByRole('tabpanel', { name: 'cURL' });
  await expect(code).toContainText('/tools/pdf-to-images');
  await expect(code).toContainText('broken.pdf');
  await page.getByRole('button', { name: 'Retry' }).click();
  await expect(page).not.toHaveURL(new RegExp(id));
});

test('an input that is kept can be looked at on the page of its job', async ({ page }) => {
  await arrive(page);
  const id = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(8, 8);
    canvas.getContext('2d')?.fillRect(0, 0, 4, 4);
    const form = new FormData();
    form.append('file', await canvas.convertToBlob(), 'squares.png');
    form.append('width', '4');
    form.append('keep_input', 'true');
    const headers = { prefer: 'respond-async' };
    const address = '/api/v1/tools/image-resize';
    const response = await fetch(address, { method: 'POST', headers, body: form });
    return ((await response.json()) as { id: string }).id;
  });
  await page.goto(`/dashboard/jobs/${id}`);
  const input = page.getByRole('listitem').filter({ hasText: 'squares.png' });
  await input.getByRole('button', { name: 'Show' }).click({ timeout: 40_000 });
  const picture = page.getByRole('dialog').getByRole('img', { name: 'squares.png' });
  await expect(picture).toHaveJSProperty('naturalWidth', 8);
});
