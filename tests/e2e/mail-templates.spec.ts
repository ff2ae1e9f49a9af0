import { expect, test } from '@playwright/test';
import { arrive } from '../support/browser.ts';
import { stack } from '../support/stack.ts';

test('an admin writes a mail anew, sees it, sends it, and goes back', async ({ page }) => {
  await arrive(page, '/dashboard/admin/mail-templates', stack.admin);
  await page.getByRole('button', { name: 'New device' }).click();
  await expect(page.getByRole('heading', { name: 'New device' })).toBeVisible();
  const subject = page.getByLabel('Subject');
  await subject.fill('Hello {{devise}}');
  await expect(page.getByRole('alert').filter({ hasText: '{{devise}}' })).toBeVisible();
  await subject.fill('Hello {{device}}');
  await expect(page.getByText('Subject: Hello Firefox on Linux')).toBeVisible();
  await page.getByLabel('Text').fill('<b>{{device}}</b>\n\nAt {{time}}.');
  const mail = page.frameLocator('iframe[title="The mail"]');
  await expect(mail.getByText('<b>Firefox on Linux</b>', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Send me a test' }).click();
  await expect(page.getByText(`Sent to ${stack.admin.email}.`)).toBeVisible();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('button', { name: 'New device edited' })).toBeVisible();
  await page.getByRole('button', { name: 'Restore the default' }).click();
  await page.getByRole('button', { name: 'Restore', exact: true }).click();
  await expect(page.getByRole('button', { name: 'New device', exact: true })).toBeVisible();
  await expect(page.getByLabel('Subject')).toHaveValue('A new device has signed in');
});
