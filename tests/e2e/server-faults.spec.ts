import { expect, test } from '@playwright/test';
import { expectInOrder } from '../support/browser.ts';
import { sessionOf } from '../support/callers.ts';
import { damageAccount } from '../support/damage.ts';
import { newAccount, stack } from '../support/stack.ts';

for (const colorScheme of ['light', 'dark'] as const)
  test(`a page that fails says so calmly, with the id of its request to quote, ${colorScheme}`, async ({
    context,
    page,
  }) => {
    await page.emulateMedia({ colorScheme });
    const { id } = await newAccount();
    const { cookie = '' } = await sessionOf(id);
    const [name = '', value = ''] = cookie.split('=');
    await context.addCookies([{ name, value, url: stack.url }]);
    await damageAccount(id);
    const response = await page.goto('/dashboard');
    expect(response?.status()).toBe(500);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(
      'Something went wrong on our side',
    );
    const requestId = response?.headers()['x-request-id'] ?? '';
    expect(requestId).toMatch(/^req_/);
    await expect(page.getByText(requestId)).toBeVisible();
    await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
    await page.setViewportSize({ width: 360, height: 780 });
    await expectInOrder(page, colorScheme);
  });
