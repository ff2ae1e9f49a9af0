import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { arrive, expectInOrder, signIn } from '../support/browser.ts';
import { bearer, call } from '../support/callers.ts';
import { mailsTo, mailTo } from '../support/mails.ts';
import { login, registered } from '../support/people.ts';

const day = 86_400_000;

/** Buys Pro on the checkout page. */
async function buyPro(page: Page): Promise<void> {
  await page.goto('/dashboard/billing');
  await page.getByRole('button', { name: 'Upgrade to Pro' }).click();
  await expect(page.getByRole('dialog')).toContainText('₹1,499');
  await page.getByLabel('Phone').fill('9876543210');
  await page.getByRole('button', { name: 'Go to the checkout' }).click();
  await page.locator('[data-outcome=success]').click();
  await expect(page.getByText('The payment has arrived.')).toBeVisible();
  await expect(page.getByText(/^Pro renews/)).toBeVisible();
}

/** Answers the question of the bank whether renewals may be charged. */
async function answerBank(page: Page, button: string, outcome: string): Promise<void> {
  await page.getByRole('button', { name: button }).click();
  await page.getByLabel('Phone').fill('9876543210');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.locator(`[data-outcome=${outcome}]`).click();
}

test('Pro is bought on the checkout page, counts at once, and has an invoice as PDF', async ({
  page,
}) => {
  await arrive(page);
  await expect(page.getByText('of 250 calls left')).toBeVisible();
  await buyPro(page);
  const invoice = page.getByRole('row').filter({ hasText: 'NebulaAPI Pro, 30 days' });
  await expect(invoice).toContainText('₹1,499');
  const saving = page.waitForEvent('download');
  await invoice.getByRole('link', { name: 'PDF' }).click();
  const pdf = readFileSync(await (await saving).path());
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  await page.goto('/dashboard');
  await expect(page.getByText('of 10,000 calls left')).toBeVisible();

  await page.goto('/dashboard/billing');
  await page.getByRole('button', { name: 'Cancel the subscription' }).click();
  await page.getByRole('button', { name: 'Cancel at the end of the cycle' }).click();
  await expect(page.getByText(/^Pro ends .* then Free begins/)).toBeVisible();
  await page.getByRole('button', { name: 'Keep Pro' }).click();
  await page.getByRole('button', { name: 'Choose Pro' }).click();
  await expect(page.getByText(/^Pro renews/)).toBeVisible();
});

test('a business names itself, is told what is wrong with its GSTIN, and stands on the page', async ({
  page,
}) => {
  await arrive(page, '/dashboard/billing');
  await page.getByRole('button', { name: 'Name a business' }).click();
  const window = page.getByRole('dialog', { name: 'Billed to' });
  await window.getByLabel('Legal name').fill('Acme Private Limited');
  await window.getByLabel('GSTIN', { exact: true }).fill('29AAGCB7383J1Z5');
  await window.getByLabel('Address').fill('1 Long Road\nHubli 580020');
  await window.getByLabel('State').selectOption('29');
  await expectInOrder(page, 'billing details');
  await window.getByRole('button', { name: 'Save' }).click();
  await expect(window.getByText('Expected a GSTIN')).toBeVisible();
  await window.getByLabel('GSTIN', { exact: true }).fill('29aagcb7383j1z4');
  await window.getByRole('button', { name: 'Save' }).click();
  await expect(window).toBeHidden();
  for (const text of ['Acme Private Limited', 'Karnataka', 'GSTIN 29AAGCB7383J1Z4'])
    await expect(page.getByText(text)).toBeVisible();
  await page.setViewportSize({ width: 360, height: 780 });
  await expectInOrder(page, 'billing details, narrow');
});

test('a checkout that is left alone changes nothing', async ({ page }) => {
  await arrive(page, '/dashboard/billing');
  await page.getByRole('button', { name: 'Upgrade to Enterprise' }).click();
  await page.getByLabel('Phone').fill('9876543210');
  await page.getByRole('button', { name: 'Go to the checkout' }).click();
  await page.locator('[data-outcome=dropped]').click();
  await page.goto('/dashboard/billing');
  await expect(page.getByText(/^Free renews/)).toBeVisible();
  await expect(page.getByText('No invoices yet')).toBeVisible();
});

test('automatic payment is allowed at the bank, shown, and switched off after a question', async ({
  page,
}) => {
  await arrive(page, '/dashboard/billing');
  const card = page.getByRole('region', { name: 'Payment method' });
  await expect(card).toContainText('Free costs nothing to renew');
  await expect(card.getByRole('button')).toHaveCount(0);
  await buyPro(page);
  await answerBank(page, 'Set up automatic payment', 'dropped');
  await expect(page.getByText('Automatic payment is not allowed yet.')).toBeVisible();
  await answerBank(page, 'Set up automatic payment', 'success');
  await expect(page.getByText('Automatic payment is on.')).toBeVisible();
  await expect(page).toHaveURL(/billing$/);
  await expect(card).toContainText('Each renewal is charged');

  await card.getByRole('button', { name: 'Switch off automatic payment' }).click();
  const question = page.getByRole('alertdialog');
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(card).toContainText('Each renewal is charged');
  await card.getByRole('button', { name: 'Switch off automatic payment' }).click();
  await question.getByRole('button', { name: 'Switch off' }).click();
  await expect(card).toContainText('You pay each renewal yourself');
  await expect(page.getByText(/^Pro renews/)).toBeVisible();
});

/** Cashfree's own script, reduced to what it is told. */
const script = `window.Cashfree = ({ mode }) => {
  const tell = (session) => { document.title = JSON.stringify({ mode, ...session }); };
  return { checkout: tell, subscriptionsCheckout: tell };
};`;

test("without a page of our own, Cashfree's script opens the session, on this page alone", async ({
  page,
}) => {
  await page.route('https://sdk.cashfree.com/js/v3/cashfree.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: script }),
  );
  await arrive(page);
  for (const [hash, told] of [
    ['order=session_one', { paymentSessionId: 'session_one' }],
    ['mandate=sub_session_two', { subsSessionId: 'sub_session_two' }],
  ] as const) {
    await page.goto('/dashboard/settings');
    await page.goto(`/dashboard/billing/checkout#${hash}`);
    const expected = { mode: 'sandbox', redirectTarget: '_self', ...told };
    await expect(page).toHaveTitle(JSON.stringify(expected));
  }
  await page.goto('/dashboard/billing');
  const isLoaded = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const element = document.createElement('script');
        element.src = 'https://sdk.cashfree.com/js/v3/cashfree.js';
        element.onload = () => resolve(true);
        element.onerror = () => resolve(false);
        document.head.append(element);
      }),
  );
  expect(isLoaded).toBe(false);
});

test('Pro renews by itself while it is paid; unpaid, it ends in the Free limits with nothing lost', async ({
  page,
}) => {
  // Time passes for every account that tests have made before, and each is told by mail.
  test.setTimeout(300_000);
  const patience = { timeout: 60_000 };
  const { nextBoundary, control, renewAt, restoreBilling } = await import('../support/billing.ts');
  const person = await registered();
  // The catcher keeps the newest mails of all accounts, so what has come is noted while it is there.
  const seen = new Map<string, string>();
  const told = async (what: string) => {
    for (const { id, subject } of await mailsTo(person.email)) seen.set(id, subject);
    return [...seen.values()].filter((subject) => subject.startsWith(`${what}:`)).length;
  };
  const { json: session } = await login(person);
  const as = bearer(session.access_token);
  const { json: made } = await call('POST', '/api-keys', as, {
    name: 'Keeps working',
    mode: 'live',
    scopes: ['usage:read'],
  });
  await signIn(page, person);
  await buyPro(page);
  await expect.poll(() => told('Paid'), patience).toBe(1);
  await page.goto('/dashboard');
  await expect(page.getByText('of 10,000 calls left')).toBeVisible();
  await page.goto('/dashboard/billing');
  await answerBank(page, 'Set up automatic payment', 'success');
  await expect(page.getByText('Automatic payment is on.')).toBeVisible();
  try {
    // Thirty days pass, and the bank pays.
    const first = nextBoundary();
    await renewAt(first);
    await expect.poll(() => told('Paid'), patience).toBe(2);
    await page.reload();
    const invoices = page.getByRole('row').filter({ hasText: 'NebulaAPI Pro, 30 days' });
    await expect(invoices).toHaveCount(2);
    await expect(page.getByText('is not paid')).toHaveCount(0);

    // Thirty more, and it does not, on any day that it is asked.
    await control('/rules', { charge_outcome: 'failed' });
    const second = first + 30 * day;
    for (const [index, late] of [0, 1, 3, 5].entries()) {
      await renewAt(second + late * (day + 60_000));
      await expect.poll(() => told('Not paid'), patience).toBe(index + 1);
    }
    await page.reload();
    await expect(page.getByText('An invoice of ₹1,499 is not paid.')).toBeVisible();
    await page.goto('/dashboard');
    await expect(page.getByText('of 10,000 calls left')).toBeVisible();
    await renewAt(second + 7 * (day + 60_000));
    await page.goto('/dashboard/billing');
    await expect(page.getByText(/^Free renews/)).toBeVisible();
    await expect(invoices).toHaveCount(3);
  } finally {
    await restoreBilling();
  }
  await page.goto('/dashboard');
  await expect(page.getByText('of 250 calls left')).toBeVisible();

  await mailTo(person.email, 'Your plan has ended');
  expect([await told('Paid'), await told('Not paid')]).toEqual([2, 4]);
  expect((await call('GET', '/usage', bearer(made.key))).status).toBe(200);
});
