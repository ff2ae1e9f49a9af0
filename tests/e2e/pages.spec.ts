import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { arrive, collectErrors, overflowOf } from '../support/browser.ts';
import { stack } from '../support/stack.ts';

const publicPages = [
  '/',
  '/pricing',
  '/docs',
  '/docs/tools/html-to-pdf',
  '/docs/errors',
  '/playground',
  '/sign-in',
  '/register',
  '/verify',
  '/forgot-password',
  '/reset-password',
];

const ownPages = [
  '/dashboard',
  '/dashboard/jobs',
  '/dashboard/batches',
  '/dashboard/pipelines',
  '/dashboard/pipelines/new',
  '/dashboard/files',
  '/dashboard/keys',
  '/dashboard/usage',
  '/dashboard/request-logs',
  '/dashboard/webhooks',
  '/dashboard/billing',
  '/dashboard/billing/checkout',
  '/dashboard/audit-log',
  '/dashboard/notifications',
  '/dashboard/settings',
];

const adminPages = ['/dashboard/admin/support', '/dashboard/admin/mail-templates'];

for (const [who, paths] of [
  ['everybody', publicPages],
  ['somebody signed in', ownPages],
  ['an admin', adminPages],
] as const)
  for (const colorScheme of ['light', 'dark'] as const)
    test(`the pages for ${who} are in order at 1280 and 360 pixels, ${colorScheme}`, async ({
      page,
    }) => {
      test.setTimeout(180_000);
      await page.emulateMedia({ colorScheme });
      const login = who === 'an admin' ? stack.admin : stack.demo;
      if (who !== 'everybody') await arrive(page, '/dashboard', login);
      const errors = collectErrors(page);
      for (const path of paths) {
        await page.setViewportSize({ width: 1280, height: 900 });
        await page.goto(path);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await expect(page.locator('.animate-pulse')).toHaveCount(0);
        // No script runs in the preview of a mail, so nothing in it would answer.
        const { violations } = await new AxeBuilder({ page }).exclude('iframe').analyze();
        const found = violations.map(({ id, nodes }) => `${path} ${id}: ${nodes[0]?.html}`);
        expect(found).toEqual([]);
        await page.setViewportSize({ width: 360, height: 780 });
        expect(await overflowOf(page), path).toBeLessThanOrEqual(0);
      }
      expect(errors).toEqual([]);
    });

test('pages of the dashboard lead a stranger to the sign-in, and back', async ({ page }) => {
  for (const path of [...ownPages, ...adminPages]) {
    await page.goto(path);
    const { pathname, searchParams } = new URL(page.url());
    expect(pathname).toBe('/sign-in');
    expect(searchParams.get('from')).toBe(path);
  }
});
