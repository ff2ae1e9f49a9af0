import { expect, test } from '@playwright/test';
import { billing, buy, click, control, customerOnPro } from '../support/billing.ts';
import { arrive, expectInOrder } from '../support/browser.ts';
import { stack } from '../support/stack.ts';

test('an admin sees what a bank questions, and gives money of another payment back', async ({
  page,
}) => {
  const account = await customerOnPro();
  const cf_payment_id = Object.keys((await billing.readBilling(account)).payments)[0]?.split(
    '/',
  )[1];
  const { orderId, url } = await buy(account, 'enterprise');
  await click(url, 'success');
  await billing.confirmOrder(orderId);
  const { dispute_id } = await control<{ dispute_id: string }>('/disputes', { cf_payment_id });
  await billing.confirmDispute(dispute_id);

  await arrive(page, '/dashboard/admin/payments', stack.admin);
  const open = page.getByRole('region', { name: 'Open disputes' });
  const waiting = open.getByRole('row').filter({ hasText: dispute_id });
  await expect(waiting).toContainText('₹1,499');
  await waiting.getByRole('button', { name: 'Payments' }).click();
  const paid = page.getByRole('region', { name: 'Payments', exact: true });
  const disputed = paid.getByRole('row').filter({ hasText: String(cf_payment_id) });
  await expect(disputed.getByText('open', { exact: true })).toBeVisible();
  await expect(disputed.getByRole('button')).toHaveCount(0);

  const other = paid.getByRole('row').filter({ hasText: orderId });
  await other.getByRole('button', { name: 'Give back' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByLabel('Rupees').fill('500.50');
  await dialog.getByLabel('Reference').fill('goodwill');
  await expectInOrder(page, 'the question');
  await dialog.getByRole('button', { name: 'Give back' }).click();
  await expect(dialog).toBeHidden();
  // Cashfree says at first that it is on its way.
  await expect(async () => {
    await billing.confirmOrder(orderId);
    await page.reload();
    await waiting.getByRole('button', { name: 'Payments' }).click();
    await expect(other).toContainText('₹500.50', { timeout: 2_000 });
  }).toPass();

  await page.getByLabel('Address').fill(`nobody-${dispute_id}@example.com`);
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page.getByText('No account has this address')).toBeVisible();
});
