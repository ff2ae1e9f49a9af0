import type { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { arrive, axeOn, collectErrors, overflowOf } from '../support/browser.ts';
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

const workPages = [
  '/dashboard',
  '/dashboard/jobs',
  '/dashboard/batches',
  '/dashboard/pipelines',
  '/dashboard/pipelines/new',
  '/dashboard/files',
  '/dashboard/webhooks',
  '/dashboard/request-logs',
];

const accountPages = [
  '/dashboard/keys',
  '/dashboard/usage',
  '/dashboard/billing',
  '/dashboard/billing/checkout',
  '/dashboard/audit-log',
  '/dashboard/notifications',
  '/dashboard/support',
  '/dashboard/settings',
];

const adminPages = [
  '/dashboard/admin/accounts',
  '/dashboard/admin/payments',
  '/dashboard/admin/support',
  '/dashboard/admin/mail-templates',
];

for (const [what, paths] of [
  ['for everybody', publicPages],
  ['of the work of an account', workPages],
  ['of an account itself', accountPages],
  ['for an admin', adminPages],
] as const)
  test(`the pages ${what} are in order, light and dark, at 1280 and 360 pixels`, async ({
    page,
  }) => {
    test.setTimeout(180_000);
    const login = paths === adminPages ? stack.admin : stack.demo;
    if (paths !== publicPages) await arrive(page, '/dashboard', login);
    const errors = collectErrors(page);
    for (const path of paths) {
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.locator('.animate-pulse')).toHaveCount(0);
      await expectNoViolations(axeOn(page), `${path}, light`);
      await page.emulateMedia({ colorScheme: 'dark' });
      // The themes are the same page in other colours.
      await expectNoViolations(axeOn(page).withRules(['color-contrast']), `${path}, dark`);
      await page.setViewportSize({ width: 360, height: 780 });
      expect(await overflowOf(page), path).toBeLessThanOrEqual(0);
    }
    expect(errors).toEqual([]);
  });

async function expectNoViolations(axe: AxeBuilder, what: string): Promise<void> {
  // No script runs in the preview of a mail, so nothing in it would answer.
  const { violations } = await axe.exclude('iframe').analyze();
  expect(violations.map(({ id, nodes }) => `${what} ${id}: ${nodes[0]?.html}`)).toEqual([]);
}

test('pages of the dashboard lead a stranger to the sign-in, and back', async ({ page }) => {
  for (const path of [...workPages, ...accountPages, ...adminPages]) {
    await page.goto(path);
    const { pathname, searchParams } = new URL(page.url());
    expect(pathname).toBe('/sign-in');
    expect(searchParams.get('from')).toBe(path);
  }
});
