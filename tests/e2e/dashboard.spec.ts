import { type APIRequestContext, expect, type Page, test } from '@playwright/test';
import { arrive, collectErrors, expectInOrder, overflowOf } from '../support/browser.ts';
import { api, stack } from '../support/stack.ts';

const schemes = ['light', 'dark'] as const;

const usageWith = async (request: APIRequestContext, key: string) =>
  (await request.get(`${api}/usage`, { headers: { authorization: `Bearer ${key}` } })).status();

async function makeKey(page: Page, name: string): Promise<string> {
  await page.goto('/dashboard/keys');
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Make the key' }).click();
  return (await page.getByLabel('The key').textContent()) ?? '';
}

async function choose(page: Page, action: string): Promise<void> {
  await page.getByRole('button', { name: 'Actions of laptop' }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

for (const colorScheme of schemes)
  test(`every window of the keys is in order at 360 pixels, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 360, height: 780 });
    await arrive(page, '/dashboard/keys');
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByText('Limits of its own').click();
    await expectInOrder(page, 'new key');
    await makeKey(page, 'laptop');
    await expectInOrder(page, 'secret');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Actions of laptop' }).click();
    await expect(page.getByRole('menuitem', { name: 'Rotate' })).toBeVisible();
    await expectInOrder(page, 'menu');
    await page.keyboard.press('Escape');
    for (const action of ['Rotate', 'Delete']) {
      await choose(page, action);
      await expect(page.getByRole('alertdialog')).toBeVisible();
      await expectInOrder(page, action);
      await page.getByRole('button', { name: 'Cancel' }).click();
    }
    await expect(page.getByText('laptop')).toBeVisible();
  });

test('a rotation without grace ends the secret before', async ({ page, request }) => {
  await arrive(page);
  const first = await makeKey(page, 'laptop');
  await page.getByRole('button', { name: 'Close' }).click();
  await choose(page, 'Rotate');
  await page.getByLabel('The secret before is accepted').selectOption('not at all');
  await page.getByRole('button', { name: 'Rotate' }).click();
  await expect(page.getByLabel('The key')).not.toHaveText(first);
  const second = (await page.getByLabel('The key').textContent()) ?? '';
  expect(await usageWith(request, second)).toBe(200);
  await expect.poll(() => usageWith(request, first), { timeout: 8_000 }).toBe(401);
});

test('a key that there is gets other limits, and keeps what was not touched', async ({ page }) => {
  await arrive(page);
  await makeKey(page, 'laptop');
  await page.getByRole('button', { name: 'Close' }).click();
  await choose(page, 'Change');
  const form = page.getByRole('dialog', { name: 'Change laptop' });
  await form.getByLabel(/^jobs:read/).check();
  await form.getByLabel('Ends').selectOption('in 90 days');
  await form.getByLabel('Allowed addresses').fill('203.0.113.0/33');
  await form.getByLabel('Requests a minute').fill('12');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByRole('alert')).toHaveText(/^Expected an address or a range/);
  await expectInOrder(page, 'change');
  await form.getByLabel('Allowed addresses').fill('203.0.113.0/24');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form).toHaveCount(0);
  const row = page.getByRole('row').filter({ hasText: 'laptop' });
  await expect(row).toContainText('12 a minute · from 203.0.113.0/24');
  await expect(row).toContainText('jobs:read');
  await expect(row).toContainText('in 2 months');

  await choose(page, 'Change');
  await expect(form.getByLabel('Allowed addresses')).toHaveValue('203.0.113.0/24');
  await form.getByLabel('Requests a minute').fill('');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(row).not.toContainText('a minute');
  await expect(row).toContainText('in 2 months');
});

test('a key that is made is on the overview', async ({ page }) => {
  await arrive(page);
  await expect(page.getByText('No keys yet')).toBeVisible();
  const secret = await makeKey(page, 'laptop');
  await page.goto('/dashboard');
  const keys = page.getByRole('region', { name: 'Keys last used' });
  await expect(keys).toContainText('laptop');
  await expect(keys).toContainText(secret.slice(-4));
  await expect(keys).not.toContainText(secret);
});

test('a list that cannot be refreshed says so, and stays', async ({ page }) => {
  await arrive(page);
  await makeKey(page, 'laptop');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.route('**/api/trpc/apiKeys.list*', (route) => route.abort());
  await choose(page, 'Switch off');
  await expect(page.getByText('Not up to date')).toBeVisible({ timeout: 15_000 });
  await expect(page.getByText('laptop')).toBeVisible();
});

test('the chart of the usage has a row for each bar, with the same sum', async ({
  page,
  request,
}) => {
  const run = await request.post(`${api}/tools/html-to-pdf`, {
    headers: { authorization: `Bearer ${stack.api_key}` },
    multipart: { html: '<h1>Hello</h1>' },
  });
  expect(run.status()).toBe(200);
  const counted = async () => {
    const headers = { authorization: `Bearer ${stack.api_key}` };
    return (await (await request.get(`${api}/usage`, { headers })).json()).total.calls;
  };
  await expect.poll(counted, { intervals: [1_000] }).toBeGreaterThan(0);
  await arrive(page, '/dashboard/usage', stack.demo);
  await page.getByText('Show as table').first().click();
  const rows = page.getByRole('table').first().getByRole('row');
  await expect(rows).toHaveCount(31);
  const figures = await rows.locator('td:not(:first-child)').allTextContents();
  const sum = figures.reduce((all, text) => all + Number(text.replaceAll(',', '')), 0);
  expect(sum).toBeGreaterThan(0);
  const calls = page.getByText('Calls', { exact: true }).first().locator('xpath=..');
  await expect(calls).toContainText(sum.toLocaleString('en'));
  await expectInOrder(page, 'table of the usage');
  for (const name of ['Bytes', 'Latency'])
    await expect(page.getByRole('img', { name: `${name} of the last 30 days` })).toBeVisible();
  await page.getByLabel('Only the tool').selectOption('html-to-pdf');
  await expect(page.getByRole('region', { name: 'Usage by tool' }).locator('tbody tr')).toHaveCount(
    1,
  );
});

test('Ctrl K leads to a page by its name', async ({ page }) => {
  await arrive(page, undefined, stack.demo);
  await page.keyboard.press('Control+k');
  await expect(page.getByPlaceholder('Where to?')).toBeFocused();
  await expectInOrder(page, 'palette');
  await page.keyboard.type('audit');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Audit log' })).toBeVisible();
});

test('at 360 pixels the pages are behind a drawer that closes on the way', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 780 });
  await arrive(page, undefined, stack.demo);
  await page.getByRole('button', { name: 'Open the menu' }).click();
  await expectInOrder(page, 'drawer');
  await page.getByRole('link', { name: 'Usage' }).click();
  await expect(page.getByRole('heading', { name: 'Usage', level: 1 })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

for (const colorScheme of schemes)
  test(`every part is in order in both themes, on a ${colorScheme} page`, async ({ page }) => {
    const errors = collectErrors(page);
    await page.emulateMedia({ colorScheme });
    await page.goto('/design');
    await expect(page.getByRole('region', { name: 'In dark', exact: true })).toBeVisible();
    await expectInOrder(page, 'design');
    const part = page.getByRole('region', { name: `In ${colorScheme}`, exact: true });
    for (const [button, role] of [
      ['Menu', 'menu'],
      ['Window', 'dialog'],
      ['Question', 'alertdialog'],
    ] as const) {
      await part.getByRole('button', { name: button }).click();
      await expect(page.getByRole(role)).toBeVisible();
      await expectInOrder(page, role);
      await page.keyboard.press('Escape');
      await expect(page.getByRole(role)).toHaveCount(0);
    }
    await page.setViewportSize({ width: 360, height: 780 });
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    expect(errors).toEqual([]);
  });

test('nothing moves for those who have asked for that', async ({ page }) => {
  const durationOf = () =>
    page
      .locator('.animate-pulse')
      .first()
      .evaluate((element) => Number.parseFloat(getComputedStyle(element).animationDuration));
  await page.goto('/design');
  expect(await durationOf()).toBeGreaterThan(1);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await durationOf()).toBeLessThan(0.01);
});
