import { expect, type Page, test } from '@playwright/test';
import { arrive, collectErrors, expectInOrder } from '../support/browser.ts';
import { answering, startReceiver } from '../support/receiver.ts';

async function addEndpoint(page: Page, url: string): Promise<void> {
  await page.getByRole('button', { name: 'New endpoint' }).click();
  await page.getByLabel('Address').fill(url);
  await page.getByRole('button', { name: 'Add the endpoint' }).click();
  await expect(page.getByLabel('The secret')).toBeVisible();
  await page.getByRole('button', { name: 'Close' }).click();
}

test('a delivery is found, read with its answer, and sent again', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  const errors = collectErrors(page);
  const receiver = await startReceiver();
  try {
    const { received, url } = receiver.on(answering(200, {}, 'taken, thank you'));
    await arrive(page, '/dashboard/webhooks');
    await addEndpoint(page, url);
    await expect(page.getByText('Nothing has been sent yet')).toBeVisible();
    await page.getByRole('button', { name: `Actions of ${url}` }).click();
    await page.getByRole('menuitem', { name: 'Send a test event' }).click();
    const rows = page.getByRole('region', { name: 'Deliveries' }).locator('tbody tr');
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText('delivered', { timeout: 40_000 });

    await page.getByLabel('State').selectOption('failed');
    await expect(page.getByText('No such deliveries')).toBeVisible();
    await page.getByLabel('State').selectOption('delivered');
    await page.getByLabel('Event').selectOption('webhook.test');
    await rows.getByRole('button', { name: 'Show' }).click();
    const details = page.getByRole('dialog');
    await expect(details).toContainText('taken, thank you');
    await expect(details).toContainText(/200, \d+ ms/);
    await expectInOrder(page, 'delivery');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 360, height: 780 });
    await expectInOrder(page, 'delivery, narrow');
    await details.getByRole('button', { name: 'Send again' }).click();
    await expect.poll(() => received.length, { timeout: 40_000 }).toBe(2);
    expect(received[1]?.headers['webhook-id']).toBe(received[0]?.headers['webhook-id']);
    expect(errors).toEqual([]);
  } finally {
    await receiver.close();
  }
});
