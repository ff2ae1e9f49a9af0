import { expect, type Page, test } from '@playwright/test';
import { arrive, collectErrors, expectInOrder } from '../support/browser.ts';

const step = (page: Page, at: number) =>
  page.getByRole('region', { name: `Step ${at}`, exact: true });

/** A page to PDF, and the PDF to pictures. */
async function writeTwoSteps(page: Page): Promise<void> {
  await page.goto('/dashboard/pipelines/new');
  await page.getByLabel('Name', { exact: true }).fill('Pictures of a page');
  await step(page, 1).getByLabel('Tool', { exact: true }).selectOption('html-to-pdf');
  await page.getByRole('button', { name: 'Add a step' }).click();
  await step(page, 2).getByLabel('Tool', { exact: true }).selectOption('pdf-to-images');
  await step(page, 2).getByText('Options of').click();
}

test('a pipeline is written, saved, run and deleted', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  const errors = collectErrors(page);
  await arrive(page, '/dashboard/pipelines');
  await expect(page.getByText('No pipelines yet')).toBeVisible();
  await writeTwoSteps(page);
  await expect(step(page, 2).getByLabel('Takes', { exact: true })).toHaveValue('step:html-to-pdf');
  await step(page, 2).getByLabel('dpi', { exact: true }).fill('40');
  await expectInOrder(page, 'editor');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 360, height: 780 });
  await expectInOrder(page, 'editor, narrow');
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Pictures of a page' })).toBeVisible();

  await page.reload();
  await expect(step(page, 2)).toContainText('1 set');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Run Pictures of a page' });
  await dialog.getByLabel('Run on').selectOption('HTML');
  await dialog.getByLabel('HTML', { exact: true }).fill('<h1>Hello</h1>');
  await dialog.getByRole('button', { name: 'Run' }).click();
  await expect(page.getByRole('heading', { name: 'pdf-to-images' })).toBeVisible();
  await expect(page.getByText('succeeded').first()).toBeVisible({ timeout: 20_000 });

  await page.goto('/dashboard/pipelines');
  await expect(page.getByText('html-to-pdf → pdf-to-images')).toBeVisible();
  for (const answer of ['Cancel', 'Delete']) {
    await page.getByRole('button', { name: 'Actions of Pictures of a page' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: answer }).click();
    await expect(page.getByRole('alertdialog')).toHaveCount(0);
  }
  await expect(page.getByText('No pipelines yet')).toBeVisible();
  expect(errors).toEqual([]);
});

test('a step that cannot run is refused where it stands, and mends by its place', async ({
  page,
}) => {
  await arrive(page);
  await writeTwoSteps(page);
  await step(page, 2).getByLabel('dpi', { exact: true }).fill('1');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(step(page, 2).locator('[aria-invalid=true]')).toHaveCount(1);
  await step(page, 2).getByLabel('dpi', { exact: true }).fill('40');
  await page.getByRole('button', { name: 'Move step 2 up' }).click();
  await expect(step(page, 1).getByLabel('Takes', { exact: true })).toHaveValue('run');
  await page.getByRole('button', { name: 'Remove step 1' }).click();
  await expect(step(page, 2)).toHaveCount(0);
  await expect(step(page, 1).getByLabel('Tool', { exact: true })).toHaveValue('html-to-pdf');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('The pipeline is saved.')).toBeVisible();
});
