import { type APIRequestContext, expect, type Page, test } from '@playwright/test';
import { signIn } from '../support/browser.ts';
import { call } from '../support/callers.ts';
import { linkIn, mailTo } from '../support/mails.ts';
import { login, newPerson, type Person, registered } from '../support/people.ts';
import { api } from '../support/stack.ts';

async function register(page: Page): Promise<Person> {
  const person = newPerson();
  await page.goto('/register');
  await page.getByLabel('Name').fill(person.name);
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await expect(page.getByRole('status')).toContainText('We have sent you a mail');
  const link = linkIn(await mailTo(person.email, 'Confirm your address'));
  await page.goto(link.href);
  await page.getByRole('button', { name: 'Confirm the address' }).click();
  await expect(page.getByRole('status')).toContainText('The address is confirmed');
  return person;
}

const usageWith = async (request: APIRequestContext, key: string) =>
  (await request.get(`${api}/usage`, { headers: { authorization: `Bearer ${key}` } })).status();

test('from nothing to a key that works, rotates with grace, and is deleted', async ({
  page,
  request,
}) => {
  const person = await register(page);
  await signIn(page, person);
  await page.getByRole('link', { name: 'Make an API key' }).click();
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Name').fill('laptop');
  await page.getByRole('button', { name: 'Make the key' }).click();
  const first = (await page.getByLabel('The key').textContent()) ?? '';
  expect(first).toMatch(/^nb_live_\w{38}$/);
  await page.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByText(first)).toHaveCount(0);
  expect(await usageWith(request, first)).toBe(200);

  await page.getByRole('button', { name: 'Actions of laptop' }).click();
  await page.getByRole('menuitem', { name: 'Rotate' }).click();
  await page.getByRole('button', { name: 'Rotate' }).click();
  const second = (await page.getByLabel('The key').textContent()) ?? '';
  expect(second).not.toBe(first);
  expect(await usageWith(request, first)).toBe(200);
  expect(await usageWith(request, second)).toBe(200);
  const { database } = await import('#server/database.ts');
  const { hashKey } = await import('#server/modules/api-key/key-format.ts');
  const { apiKey, keySecret } = database();
  const hash = hashKey(first);
  const { data: secret } = await keySecret.get({ hash }).go();
  const target = { accountId: secret?.accountId ?? '', id: secret?.keyId ?? '' };
  const over = [{ hash, validUntil: Date.now() - 1 }];
  await apiKey.patch(target).set({ oldSecrets: over }).go();
  await expect.poll(() => usageWith(request, first), { timeout: 8_000 }).toBe(401);
  expect(await usageWith(request, second)).toBe(200);

  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Actions of laptop' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('No keys yet')).toBeVisible();
  await expect.poll(() => usageWith(request, second), { timeout: 8_000 }).toBe(401);
});

test('a forgotten password is set by the mail, and other browsers are signed out', async ({
  browser,
  page,
}) => {
  const person = await register(page);
  const elsewhere = await (await browser.newContext()).newPage();
  await signIn(elsewhere, person);
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Forgot the password?' }).click();
  await page.waitForURL('/forgot-password');
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByRole('button', { name: 'Send the mail' }).click();
  await expect(page.getByRole('status')).toContainText('a mail is on its way');
  await page.goto(linkIn(await mailTo(person.email, 'Set a new password')).href);
  await page.getByLabel('New password').fill('quite another password');
  await page.getByRole('button', { name: 'Set the password' }).click();
  await expect(page.getByRole('status')).toContainText('The password is set');
  await signIn(page, { ...person, password: 'quite another password' });
  const isOut = async () => {
    await elsewhere.goto('/dashboard/keys');
    return new URL(elsewhere.url()).pathname;
  };
  await expect.poll(isOut, { timeout: 10_000 }).toBe('/sign-in');
  expect(new URL(elsewhere.url()).searchParams.get('from')).toBe('/dashboard/keys');
});

test('a session that is ended in the settings ends in its browser', async ({ browser, page }) => {
  const person = await register(page);
  const elsewhere = await (await browser.newContext()).newPage();
  await signIn(elsewhere, person);
  await signIn(page, person);
  await page.goto('/dashboard/settings');
  await page.getByRole('button', { name: 'End', exact: true }).first().click();
  await expect(page.getByText('The session is ended.')).toBeVisible();
  const path = async () => {
    await elsewhere.goto('/dashboard');
    return new URL(elsewhere.url()).pathname;
  };
  await expect.poll(path, { timeout: 10_000 }).toBe('/sign-in');
});

/** The window gets the focus; a page without a screen is told so. */
const focus = (page: Page) => page.evaluate(() => window.dispatchEvent(new Event('focus')));
const passMinutes = (page: Page, minutes: number) => page.clock.fastForward(minutes * 60_000);
const isRenewal = (at: { url: () => string }) => at.url().endsWith('/api/auth/session');

test('an open page renews its session every ten minutes and on focus, unseen', async ({ page }) => {
  const person = await registered();
  await page.clock.install();
  await signIn(page, person);
  let renewals = 0;
  page.on('request', (request) => isRenewal(request) && renewals++);
  await passMinutes(page, 9);
  expect(renewals).toBe(0);
  for (const comeBack of [() => passMinutes(page, 1), () => focus(page)]) {
    const renewed = page.waitForResponse(isRenewal);
    await comeBack();
    const cookie = (await (await renewed).allHeaders())['set-cookie'];
    expect(cookie).toContain('nebula-session=');
  }
  expect(renewals).toBe(2);
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
});

for (const [when, wait] of [
  ['within ten minutes', (page: Page) => passMinutes(page, 10)],
  ['when its person comes back to it', focus],
] as const)
  test(`a session that was ended elsewhere ends in an open page ${when}`, async ({ page }) => {
    const person = await registered();
    await page.clock.install();
    await signIn(page, person);
    const { json } = await login(person);
    const me = { authorization: `Bearer ${json.access_token}` };
    const { data } = (await call('GET', '/users/me/sessions', me)).json;
    const { id } = data.find(({ kind }: { kind: string }) => kind === 'browser');
    expect((await call('DELETE', `/users/me/sessions/${id}`, me)).status).toBe(200);
    const path = async () => {
      await wait(page);
      return new URL(page.url()).pathname;
    };
    // What the server remembers of the session is good for a few seconds.
    await expect.poll(path, { timeout: 10_000 }).toBe('/sign-in');
  });

test('a way back that leads elsewhere is not taken', async ({ page }) => {
  const person = await register(page);
  await page.goto('/sign-in?from=//evil.example/dashboard');
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
  expect(page.url()).not.toContain('evil');
});
