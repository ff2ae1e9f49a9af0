import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import sharp from 'sharp';
import { arrive } from '../support/browser.ts';
import { stack } from '../support/stack.ts';

const photo = 'samples/image-resize/nebula.jpg';

async function openWithKey(page: Page, tool?: string): Promise<void> {
  await page.goto(tool ? `/playground?tool=${tool}` : '/playground');
  await page.getByLabel('API key').fill(stack.api_key);
}

async function downloaded(page: Page): Promise<Buffer> {
  const waiting = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download' }).click();
  return readFileSync(await (await waiting).path());
}

test('from the landing page to a PDF of the sample', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('link', { name: 'Try it in the playground' }).click();
  await page.getByLabel('API key').fill(stack.api_key);
  await page.getByRole('button', { name: 'Run' }).click();
  await expect(page.getByTitle('The PDF')).toBeVisible();
  const pdf = await downloaded(page);
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
});

test('an uploaded photo becomes the size that was asked for, and the request says so', async ({
  page,
}) => {
  await openWithKey(page, 'image-resize');
  await page.getByLabel('Input file', { exact: true }).setInputFiles(photo);
  await page.getByLabel('width', { exact: true }).fill('320');
  await page.getByLabel('format', { exact: true }).selectOption('webp');
  await expect(page.getByRole('tabpanel', { name: 'cURL' }).last()).toContainText('width=320');
  await page.getByRole('button', { name: 'Run' }).click();
  await expect(page.getByLabel('How much of the original is shown')).toBeVisible();
  const { format, width } = await sharp(await downloaded(page)).metadata();
  expect([format, width]).toEqual(['webp', 320]);
});

test('a wrong value is shown at its field, with the code and a way to the docs', async ({
  page,
}) => {
  await openWithKey(page, 'image-resize');
  await page.getByLabel('Input file', { exact: true }).setInputFiles(photo);
  await page.getByLabel('width', { exact: true }).fill('99999');
  await page.getByRole('button', { name: 'Run' }).click();
  const alert = page.getByRole('alert').filter({ hasText: 'invalid_input' });
  await expect(alert).toContainText('between 1 and 16383, received 99999');
  await alert.getByRole('link', { name: 'invalid_input' }).click();
  await expect(page.getByRole('heading', { name: 'Errors' })).toBeVisible();
});

test('the demo login signs in, and no key is needed then', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(stack.demo.email);
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'wrong' })).toBeVisible();
  await page.getByLabel('Password').fill(stack.demo.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('link', { name: 'Playground' }).first().click();
  await expect(page.getByText(`Signed in as ${stack.demo.email}`)).toBeVisible();
  await page.getByRole('button', { name: 'Run' }).click();
  await expect(page.getByTitle('The PDF')).toBeVisible();
});

test('the reference is drawn without a word to another host', async ({ page }) => {
  const foreign: string[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== new URL(stack.url).origin)
      foreign.push(url.href);
  });
  await page.goto('/docs/api');
  await expect(page.getByRole('heading', { name: 'HTML to PDF' })).toBeVisible({ timeout: 60_000 });
  expect(foreign).toEqual([]);
});

test('a video is a job that the page follows to its bytes', async ({ page }) => {
  test.slow();
  await arrive(page);
  await page.goto('/playground?tool=video-compress');
  const clip = 'samples/video-compress/nebula.mp4';
  await page.getByLabel('Input file', { exact: true }).setInputFiles(clip);
  await expect(page.getByRole('tabpanel', { name: 'cURL' }).last()).toContainText('Prefer: wait');
  await page.getByRole('button', { name: 'Run' }).click();
  await page.getByRole('link', { name: 'Download' }).waitFor({ timeout: 150_000 });
  expect((await downloaded(page)).subarray(4, 8).toString()).toBe('ftyp');
});
