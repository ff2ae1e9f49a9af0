import { randomUUID } from 'node:crypto';
import { expect, test } from '@playwright/test';
import { arrive, expectInOrder, signIn } from '../support/browser.ts';
import { mailTo } from '../support/mails.ts';
import { registered } from '../support/people.ts';
import { stack } from '../support/stack.ts';

const reason = 'Payments were charged back.';

test('an admin suspends an account with a reason, its owner is out, and it is restored', async ({
  browser,
  page,
}) => {
  const person = await registered();
  const own = await browser.newPage();
  await signIn(own, person);

  await signIn(page, stack.admin);
  await page.goto('/dashboard');
  await page.getByRole('link', { name: 'Accounts', exact: true }).click();
  await page.getByLabel('Address').fill(person.email);
  await page.getByRole('button', { name: 'Find' }).click();
  const row = page.getByRole('row').filter({ hasText: person.email });
  await expect(page.getByRole('row')).toHaveCount(2);
  await expect(row.getByText('open', { exact: true })).toBeVisible();
  await row.getByRole('button', { name: 'Suspend' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByRole('button', { name: 'Suspend' }).click();
  await expect(dialog.getByText('Expected a reason.')).toBeVisible();
  await dialog.getByLabel('Reason').fill(reason);
  await expectInOrder(page, 'the question');
  await dialog.getByRole('button', { name: 'Suspend' }).click();
  await expect(row.getByText(reason)).toBeVisible();
  await mailTo(person.email, 'Your account was suspended');

  await expect(async () => {
    await own.goto('/dashboard');
    await expect(own).toHaveURL(/\/sign-in/, { timeout: 1_000 });
  }).toPass();
  await own.getByLabel('E-mail').fill(person.email);
  await own.getByLabel('Password').fill(person.password);
  await own.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(own.getByText('The address or the password is wrong')).toBeVisible();

  await row.getByRole('button', { name: 'Restore' }).click();
  await dialog.getByRole('button', { name: 'Restore' }).click();
  await expect(row.getByText('open', { exact: true })).toBeVisible();
  await expect(async () => signIn(own, person)).toPass();
  await own.close();
});

test('an admin gives an account a plan with a reason, and nobody pays for it', async ({ page }) => {
  const person = await registered();
  await arrive(page, '/dashboard/admin/accounts', stack.admin);
  await page.getByLabel('Address').fill(person.email);
  await page.getByRole('button', { name: 'Find' }).click();
  const row = page.getByRole('row').filter({ hasText: person.email });
  await row.getByRole('button', { name: 'Change plan' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByLabel('Plan', { exact: true }).selectOption('Pro');
  await dialog.getByRole('button', { name: 'Change plan' }).click();
  await expect(dialog.getByText('Expected a reason.')).toBeVisible();
  await dialog.getByLabel('Reason').fill('You take part in the beta.');
  await expectInOrder(page, 'the question');
  await dialog.getByRole('button', { name: 'Change plan' }).click();
  await expect(row.getByRole('cell', { name: 'pro', exact: true })).toBeVisible();
  await mailTo(person.email, 'Your plan is Pro');
});

test('an admin finds no way to suspend the own account', async ({ page }) => {
  await arrive(page, '/dashboard/admin/accounts', stack.admin);
  await page.getByLabel('Address').fill(stack.admin.email);
  await page.getByRole('button', { name: 'Find' }).click();
  const row = page.getByRole('row').filter({ hasText: stack.admin.email });
  await expect(page.getByRole('row')).toHaveCount(2);
  await expect(row.getByRole('button')).toHaveCount(0);
  await page.getByLabel('Address').fill(`${randomUUID()}@example.com`);
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page.getByText('No account has this address')).toBeVisible();
});
