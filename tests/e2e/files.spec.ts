import { readFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
import { arrive, collectErrors, expectInOrder } from '../support/browser.ts';
import { answering, startReceiver } from '../support/receiver.ts';
import { html, png } from '../support/samples.ts';

async function openFiles(page: Page): Promise<void> {
  await arrive(page, '/dashboard/files');
  await expect(page.getByText('No files yet')).toBeVisible();
}

/** Drops a file on the area, as from a folder. */
async function drop(page: Page, name: string, bytes: Buffer): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([title, base64]) => {
      const data = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const given = new DataTransfer();
      given.items.add(new File([data], title));
      return given;
    },
    [name, bytes.toString('base64')] as const,
  );
  await page
    .getByRole('group', { name: 'Files to store, area' })
    .dispatchEvent('drop', { dataTransfer: transfer });
}

const rowOf = (page: Page, name: string) =>
  page.getByRole('region', { name: 'Files' }).getByRole('row').filter({ hasText: name });

async function choose(page: Page, name: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions of ${name}` }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

test('a dropped file is stored, looked into, copied, downloaded and deleted', async ({
  context,
  page,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const errors = collectErrors(page);
  await openFiles(page);
  const photo = await png(40, 30);
  await drop(page, 'photo.png', photo);
  const row = rowOf(page, 'photo.png');
  await expect(row).toContainText('an upload');
  await expect(row).toContainText('png');
  await expect(page.getByRole('button', { name: 'Cancel photo.png' })).toHaveCount(0);

  await choose(page, 'photo.png', 'Inspect');
  await expect(page.getByRole('dialog')).toContainText('40 × 30 px');
  await expectInOrder(page, 'window');
  await page.getByRole('button', { name: 'Close' }).click();

  await choose(page, 'photo.png', 'Copy file_id');
  await expect(page.getByText('The file_id is copied.')).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^fil_/);
  await expect(row).toContainText(copied);

  const coming = page.waitForEvent('download');
  await choose(page, 'photo.png', 'Download');
  expect(await readFile(await (await coming).path())).toEqual(photo);

  await choose(page, 'photo.png', 'Delete');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(row).toBeVisible();
  await choose(page, 'photo.png', 'Delete');
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('No files yet')).toBeVisible();
  expect(errors).toEqual([]);
});

test('a large file goes in parts, and is the same', async ({ page }) => {
  await openFiles(page);
  const puts: string[] = [];
  page.on('request', (request) => request.method() === 'PUT' && puts.push(request.url()));
  const large = Buffer.concat([await png(40, 30), Buffer.alloc(9 * 1024 * 1024, 7)]);
  await page
    .getByLabel('Files to store', { exact: true })
    .setInputFiles({ name: 'large.png', mimeType: 'image/png', buffer: large });
  await expect(rowOf(page, 'large.png')).toContainText('9.4 MB', { timeout: 30_000 });
  expect(puts).toHaveLength(2);
  const coming = page.waitForEvent('download');
  await choose(page, 'large.png', 'Download');
  expect((await readFile(await (await coming).path())).equals(large)).toBe(true);
});

test('a file that is not taken says why, and can be dismissed', async ({ page }) => {
  await openFiles(page);
  await drop(page, 'nothing.bin', Buffer.from('this is no known type'));
  await expect(page.getByRole('alert').filter({ hasText: /\w/ })).toBeVisible();
  await expectInOrder(page, 'refused');
  await page.getByRole('button', { name: 'Dismiss nothing.bin' }).click();
  await expect(page.getByText('nothing.bin')).toHaveCount(0);
  await expect(page.getByText('No files yet')).toBeVisible();
});

test('a file comes from an address; a forbidden one is refused with the reason', async ({
  page,
}) => {
  const receiver = await startReceiver();
  try {
    await openFiles(page);
    await page.getByRole('button', { name: 'Import by URL' }).click();
    await page.getByRole('textbox', { name: 'Address' }).fill('http://10.0.0.1/report.pdf');
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await expect(page.getByRole('dialog').getByRole('alert')).toBeVisible();
    await expectInOrder(page, 'import');
    const { url } = receiver.on(answering(200, {}, html()));
    await page.getByRole('textbox', { name: 'Address' }).fill(url);
    await page.getByRole('textbox', { name: 'Name' }).fill('page.html');
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await expect(rowOf(page, 'page.html')).toContainText('an address');
    await page.getByLabel('Came by').selectOption('a request');
    await expect(page.getByText('No such files')).toBeVisible();
  } finally {
    await receiver.close();
  }
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`a list of files is in order at 360 pixels, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 360, height: 780 });
    await openFiles(page);
    await drop(page, `${'a-rather-long-name-'.repeat(6)}.png`, await png(4, 4));
    await expect(page.getByRole('button', { name: /^Actions of a-rather/ })).toBeVisible();
    await expectInOrder(page, 'files');
    await page.getByRole('button', { name: /^Actions of a-rather/ }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await expect(page.getByRole('alertdialog')).toBeVisible();
    await expectInOrder(page, 'question');
  });
