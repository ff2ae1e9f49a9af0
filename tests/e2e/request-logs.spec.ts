import { readFile } from 'node:fs/promises';
import { type APIRequestContext, expect, type Page, test } from '@playwright/test';
import { arrive, collectErrors, expectInOrder } from '../support/browser.ts';
import { api } from '../support/stack.ts';

/** Somebody new, signed in, with a key that is called laptop. */
async function withKey(page: Page): Promise<string> {
  await arrive(page, '/dashboard/keys');
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Name').fill('laptop');
  await page.getByRole('button', { name: 'Make the key' }).click();
  return (await page.getByLabel('The key').textContent()) ?? '';
}

/** One call that goes well and one that is refused; the id of the first. */
async function callTwice(request: APIRequestContext, key: string): Promise<string> {
  const headers = { authorization: `Bearer ${key}` };
  const url = `${api}/tools/html-to-pdf`;
  const good = await request.post(url, { headers, multipart: { html: '<h1>Hello</h1>' } });
  expect(good.status()).toBe(200);
  const bad = await request.post(`${api}/tools/image-resize`, { headers, data: { width: 'wide' } });
  expect(bad.status()).toBe(422);
  return good.headers()['x-request-id'] ?? '';
}

for (const colorScheme of ['light', 'dark'] as const)
  test(`calls are listed, filtered and shown with code for such a call, ${colorScheme}`, async ({
    context,
    page,
    request,
  }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.emulateMedia({ colorScheme });
    const errors = collectErrors(page);
    const key = await withKey(page);
    await page.goto('/dashboard/request-logs');
    await expect(page.getByText('No calls yet')).toBeVisible();
    const requestId = await callTwice(request, key);
    const rows = page.getByRole('region', { name: 'Calls' }).locator('tbody tr');
    await expect(async () => {
      await page.reload();
      await expect(rows).toHaveCount(2, { timeout: 2_000 });
    }).toPass();
    await expect(rows.first()).toContainText('invalid_input');
    await expect(rows.last()).toContainText('200');

    await page.getByLabel('Ended').selectOption('refused (4xx)');
    await expect(rows).toHaveCount(1);
    await page.getByLabel('Tool', { exact: true }).selectOption('html-to-pdf');
    await expect(page.getByText('No such calls')).toBeVisible();
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByLabel('Key').selectOption('laptop');
    await expect(rows).toHaveCount(2);
    await page.getByLabel('From').fill('2001-01-01T00:00');
    await page.getByLabel('To', { exact: true }).fill('2001-01-02T00:00');
    await expect(page.getByText('No such calls')).toBeVisible();
    await page.getByRole('button', { name: 'Show all' }).click();

    await page.setViewportSize({ width: 360, height: 780 });
    await expect(rows).toHaveCount(2);
    await expectInOrder(page, 'list');
    await page.getByRole('button', { name: /^Details of html-to-pdf/ }).click();
    const side = page.getByRole('dialog');
    await expect(side).toContainText(requestId);
    await expect(side).toContainText('laptop');
    await expectInOrder(page, 'window');
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await side.getByRole('button', { name: 'Copy cURL' }).click();
    expect(await copied()).toContain(`${api}/tools/html-to-pdf`);
    await side.getByRole('tab', { name: 'TypeScript' }).click();
    await side.getByRole('button', { name: 'Copy TypeScript' }).click();
    expect(await copied()).toContain('fetch(');
    expect(await copied()).not.toContain(key);
    expect(errors).toEqual([]);
  });

test('the usage is shown by key, with latencies and a projection, and saved as CSV', async ({
  page,
  request,
}) => {
  const key = await withKey(page);
  await callTwice(request, key);
  const byTool = page.getByRole('region', { name: 'Usage by tool' });
  await expect(async () => {
    await page.goto('/dashboard/usage');
    await expect(byTool.getByRole('row', { name: /html-to-pdf/ })).toContainText(/\d ms/, {
      timeout: 2_000,
    });
  }).toPass();
  await expect(page.getByText('1 of 250 are used')).toBeVisible();
  await page.getByLabel('Rows are of').selectOption('API keys');
  const row = page
    .getByRole('region', { name: 'Usage by key' })
    .getByRole('row', { name: /laptop/ });
  await expect(row).toContainText(/\d ms/);
  await expectInOrder(page, 'usage by key');
  await page.setViewportSize({ width: 360, height: 780 });
  await expectInOrder(page, 'usage by key, narrow');
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  const [names, first] = (await readFile(await (await coming).path(), 'utf8')).split('\r\n');
  expect(names).toContain('key_id');
  expect(first).toMatch(/^\d{4}-\d\d-\d\d,,key_\w+,1,1,0,/);
});
