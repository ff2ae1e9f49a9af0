import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { signIn } from '../support/browser.ts';
import { registered } from '../support/people.ts';

test('Pro is bought on the checkout page, counts at once, and has an invoice as PDF', async ({
  page,
}) => {
  await signIn(page, await registered());
  await expect(page.getByText('of 250 calls left')).toBeVisible();
  await page.goto('/dashboard/billing');
  await page.getByRole('button', { name: 'Upgrade to Pro' }).click();
  await expect(page.getByRole('dialog')).toContainText('₹1,499');
  await page.getByLabel('Phone').fill('9876543210');
  await page.getByRole('button', { name: 'Go to the checkout' }).click();
  await page.locator('[data-outcome=success]').click();
  await expect(page.getByText('The payment has arrived.')).toBeVisible();
  await expect(page.getByText(/^Pro renews/)).toBeVisible();
  const invoice = page.getByRole('row').filter({ hasText: 'NebulaAPI Pro, 30 days' });
  await expect(invoice).toContainText('₹1,499');
  const saving = page.waitForEvent('download');
  await invoice.getByRole('link', { name: 'PDF' }).click();
  const pdf = readFileSync(await (await saving).path());
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  await page.goto('/dashboard');
  await expect(page.getByText('of 10,000 calls left')).toBeVisible();

  await page.goto('/dashboard/billing');
  await page.getByRole('button', { name: 'Cancel the subscription' }).click();
  await page.getByRole('button', { name: 'Cancel at the end of the cycle' }).click();
  await expect(page.getByText(/^Pro ends .* then Free begins/)).toBeVisible();
  await page.getByRole('button', { name: 'Keep Pro' }).click();
  await page.getByRole('button', { name: 'Choose Pro' }).click();
  await expect(page.getByText(/^Pro renews/)).toBeVisible();
});

test('a checkout that is left alone changes nothing', async ({ page }) => {
  await signIn(page, await registered());
  await page.goto('/dashboard/billing');
  await page.getByRole('button', { name: 'Upgrade to Enterprise' }).click();
  await page.getByLabel('Phone').fill('9876543210');
  await page.getByRole('button', { name: 'Go to the checkout' }).click();
  await page.locator('[data-outcome=dropped]').click();
  await page.goto('/dashboard/billing');
  await expect(page.getByText(/^Free renews/)).toBeVisible();
  await expect(page.getByText('No invoices yet')).toBeVisible();
});
