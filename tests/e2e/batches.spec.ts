import { readFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
import { arrive, callFromPage, collectErrors, expectInOrder } from '../support/browser.ts';
import { png } from '../support/samples.ts';

async function storePhoto(page: Page, filename: string): Promise<string> {
  const data = (await png(40, 30)).toString('base64');
  const id = await page.evaluate(
    async ([name, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const form = new FormData();
      form.append('file', new Blob([bytes]), name);
      const response = await fetch('/api/v1/files', { method: 'POST', body: form });
      return ((await response.json()) as { id: string }).id;
    },
    [filename, data] as const,
  );
  expect(id).toMatch(/^fil_/);
  return id;
}

test('a batch shows each input and gives one ZIP', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  const errors = collectErrors(page);
  await arrive(page, '/dashboard/batches');
  await expect(page.getByText('No batches yet')).toBeVisible();
  const file_ids = [await storePhoto(page, 'one.png'), await storePhoto(page, 'two.png')];
  const wish = { tool: 'image-resize', options: { width: 20 }, file_ids, tag: 'album' };
  await callFromPage(page, '/batches', wish);

  await page.reload();
  const row = page.getByRole('region', { name: 'Batches' }).getByRole('row').nth(1);
  await expect(row).toContainText('album');
  await expect(row).toContainText('finished', { timeout: 20_000 });
  await expect(row).toContainText('2 of 2');
  await row.getByRole('link').click();
  const inputs = page.getByRole('region', { name: 'Inputs' }).locator('tbody tr');
  await expect(inputs).toHaveCount(2);
  await expect(inputs.first()).toContainText('one.png');
  await expect(inputs.last()).toContainText('succeeded');
  const coming = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download ZIP' }).click();
  const zip = await readFile(await (await coming).path());
  expect(zip.subarray(0, 2).toString()).toBe('PK');
  await expectInOrder(page, 'batch');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 360, height: 780 });
  await expectInOrder(page, 'batch, narrow');
  await inputs.first().getByRole('link', { name: 'one.png' }).first().click();
  await expect(page.getByRole('heading', { name: 'image-resize' })).toBeVisible();
  expect(errors).toEqual([]);
});

test('a batch is canceled only after a question', async ({ page }) => {
  await arrive(page);
  const data = '<h1>Hello</h1>';
  const files = await page.evaluate(async (html) => {
    const ids: string[] = [];
    for (const name of ['a.html', 'b.html', 'c.html']) {
      const form = new FormData();
      form.append('file', new Blob([html]), name);
      const response = await fetch('/api/v1/files', { method: 'POST', body: form });
      ids.push(((await response.json()) as { id: string }).id);
    }
    return ids;
  }, data);
  const options = { wait: { delay_ms: 10_000 } };
  const wish = { tool: 'html-to-pdf', options, file_ids: files };
  const { id } = await callFromPage<{ id: string }>(page, '/batches', wish);
  await page.goto(`/dashboard/batches/${id}`);
  await page.getByRole('button', { name: 'Cancel the batch' }).click();
  await expectInOrder(page, 'question');
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.getByText('processing').first()).toBeVisible();
  await page.getByRole('button', { name: 'Cancel the batch' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the batch' }).click();
  await expect(page.getByText('canceled', { exact: true }).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Cancel the batch' })).toHaveCount(0);
});
