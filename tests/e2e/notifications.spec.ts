import { expect, test } from '@playwright/test';
import { arrive, overflowOf } from '../support/browser.ts';

test('the bell moves while the page is open, and is quiet once all is read', async ({ page }) => {
  await arrive(page);
  const bell = page.getByRole('button', { name: /^Notifications,/ });
  await expect(bell).toHaveAccessibleName('Notifications, 0 unread');
  await bell.click();
  await expect(page.getByText('Nothing yet.')).toBeVisible();
  await page.keyboard.press('Escape');
  const made = await page.request.post('/api/v1/api-keys', {
    data: { name: 'laptop' },
    headers: { origin: new URL(page.url()).origin },
  });
  expect(made.status()).toBe(201);
  await expect(bell).toHaveAccessibleName('Notifications, 1 unread');
  await bell.click();
  await expect(page.getByText('A new API key')).toBeVisible();
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await expect(bell).toHaveAccessibleName('Notifications, 0 unread');
  await page.getByRole('link', { name: 'See all' }).click();
  await expect(page.getByRole('heading', { name: 'Notifications', level: 1 })).toBeVisible();
  const saved = page.waitForResponse(/notifications\.setPreferences/);
  await page.getByLabel('Jobs that finished: By mail').click();
  expect((await saved).status()).toBe(200);
  // Two choices in one row, the second before the answer to the first.
  const both = page.waitForResponse(
    (answer) =>
      /setPreferences/.test(answer.url()) && /"push"/.test(answer.request().postData() ?? ''),
  );
  await page.getByLabel('Jobs that finished: By mail').click();
  await page.getByLabel('Jobs that finished: Push').click();
  await expect(page.getByLabel('Jobs that finished: By mail')).not.toBeChecked();
  expect((await both).status()).toBe(200);
  await page.reload();
  await expect(page.getByLabel('Jobs that finished: By mail')).not.toBeChecked();
  await expect(page.getByLabel('Jobs that finished: Push')).toBeChecked();
  await page.getByRole('switch', { name: 'Only unread' }).click();
  await expect(page.getByText('Nothing here')).toBeVisible();
  await page.setViewportSize({ width: 360, height: 780 });
  expect(await overflowOf(page)).toBeLessThanOrEqual(0);
});
