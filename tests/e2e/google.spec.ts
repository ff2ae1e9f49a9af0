import { randomUUID } from 'node:crypto';
import { expect, type Page, test } from '@playwright/test';
import { Events, OAuth2Server } from 'oauth2-mock-server';
import { collectErrors, signIn } from '../support/browser.ts';
import { mailTo } from '../support/mails.ts';
import { newPerson, registered } from '../support/people.ts';
import { stack } from '../support/stack.ts';

type Claims = { sub: string; email: string; email_verified: boolean; name: string };

let google: OAuth2Server;
/** Who is signed in over there. */
let person: Claims;

const newClaims = (email = `${randomUUID()}@example.com`): Claims => ({
  sub: randomUUID(),
  email,
  email_verified: true,
  name: 'Grace Hopper',
});

test.beforeAll(async () => {
  google = new OAuth2Server();
  await google.issuer.keys.generate('RS256');
  google.service.on(Events.BeforeTokenSigning, ({ payload }) => Object.assign(payload, person));
  const { hostname, port } = new URL(stack.env.GOOGLE_ISSUER ?? '');
  await google.start(Number(port), hostname);
});

test.afterAll(() => google.stop());

async function withGoogle(page: Page): Promise<void> {
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Sign in with Google' }).click();
}

const expectDashboard = (page: Page) =>
  expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();

async function expectNobody(page: Page): Promise<void> {
  await page.goto('/dashboard');
  await expect(page).toHaveURL(/\/sign-in/);
}

/** Sees, and may change, the address that Google sends the browser back to. */
async function sendBack(page: Page, to: (callback: URL) => string): Promise<void> {
  await page.route('**/authorize?*', async (route) => {
    const response = await route.fetch({ maxRedirects: 0 });
    const location = to(new URL(response.headers().location ?? ''));
    await route.fulfill({ status: 302, headers: { location } });
  });
}

async function linkGoogle(page: Page, password: string): Promise<void> {
  await page.goto('/dashboard/settings');
  await page.getByLabel('Your password, to be sure that it is you').fill(password);
  await page.getByRole('button', { name: 'Link Google' }).click();
}

test('a new address gets an account, and the next time the same one', async ({ page, context }) => {
  const errors = collectErrors(page);
  person = newClaims();
  await withGoogle(page);
  await expectDashboard(page);
  const cookies = await context.cookies();
  const session = cookies.find(({ name }) => name.includes('nebula-session'));
  expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
  const first = await page.request.get('/api/trpc/me.get?input={}');
  await context.clearCookies();
  // Another spelling of the address is the same one.
  person = { ...person, email: person.email.toUpperCase() };
  await withGoogle(page);
  await expectDashboard(page);
  const second = await page.request.get('/api/trpc/me.get?input={}');
  expect(await second.json()).toEqual(await first.json());
  await page.goto('/dashboard/settings');
  await expect(page.getByText('It is the only way in.')).toBeVisible();
  expect(errors).toEqual([]);
});

test('an address with a password is not given away: only its signed-in owner links Google', async ({
  page,
  context,
}) => {
  const owner = await registered();
  person = newClaims(owner.email);
  await withGoogle(page);
  await expect(page.getByText('This address has an account with a password.')).toBeVisible();
  await expectNobody(page);

  await signIn(page, owner);
  await linkGoogle(page, 'not the password');
  await expect(page.getByText('The current password is wrong.')).toBeVisible();
  await linkGoogle(page, owner.password);
  await expect(page.getByText(`${owner.email} signs in to this account.`)).toBeVisible();
  await mailTo(owner.email, 'A Google account was linked');

  await context.clearCookies();
  await withGoogle(page);
  await expectDashboard(page);
  await context.clearCookies();
  await signIn(page, owner);
  await page.goto('/dashboard/settings');
  await page.getByRole('button', { name: 'Unlink' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Unlink' }).click();
  await expect(page.getByRole('button', { name: 'Link Google' })).toBeVisible();
  await context.clearCookies();
  await withGoogle(page);
  await expect(page.getByText('This address has an account with a password.')).toBeVisible();
});

test('a Google account that signs in elsewhere is not linked a second time', async ({ page }) => {
  person = newClaims();
  await withGoogle(page);
  await expectDashboard(page);
  await page.context().clearCookies();
  const owner = await registered();
  await signIn(page, owner);
  await linkGoogle(page, owner.password);
  await expect(page.getByText('is linked already.')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Link Google' })).toBeVisible();
});

test('without the password nothing is linked, whoever signs in to Google', async ({ page }) => {
  const owner = await registered();
  await signIn(page, owner);
  person = newClaims();
  // The sign-in page of somebody signed in: this is another account, not a link.
  await withGoogle(page);
  await expectDashboard(page);
  const { result } = await (await page.request.get('/api/trpc/me.get?input={}')).json();
  expect(result.data.email).toBe(person.email);
});

test('an address that Google has not confirmed signs nobody in', async ({ page }) => {
  person = { ...newClaims(), email_verified: false };
  await withGoogle(page);
  await expect(page.getByText('Google has not confirmed the address')).toBeVisible();
  await expectNobody(page);
});

test('the same address of another person at Google is not the person who signed in', async ({
  page,
}) => {
  person = newClaims();
  await withGoogle(page);
  await expectDashboard(page);
  await page.context().clearCookies();
  person = newClaims(person.email);
  await withGoogle(page);
  await expect(page.getByText('was linked by somebody else')).toBeVisible();
  await expectNobody(page);
});

test('an address of Google cannot be registered with a password by somebody else', async ({
  page,
  request,
}) => {
  person = newClaims();
  await withGoogle(page);
  await expectDashboard(page);
  const taken = { ...newPerson(), email: person.email };
  const answer = await request.post('/api/v1/auth/register', { data: taken });
  expect(answer.status()).toBe(201);
  await mailTo(person.email, 'You have an account already');
  const login = await request.post('/api/v1/auth/login', {
    data: { email: taken.email, password: taken.password },
  });
  expect(login.status()).toBe(401);
});

for (const [what, change] of [
  ['without a state', (url: URL) => url.searchParams.delete('state')],
  ['with another state', (url: URL) => url.searchParams.set('state', 'x'.repeat(43))],
  ['with another code', (url: URL) => url.searchParams.set('code', randomUUID())],
] as const)
  test(`a way back ${what} is refused`, async ({ page }) => {
    person = newClaims();
    await sendBack(page, (callback) => {
      change(callback);
      return callback.href;
    });
    await withGoogle(page);
    await expect(page.getByText('Signing in with Google did not work.')).toBeVisible();
    await expectNobody(page);
  });

test('a way back that was begun in another browser is refused, and so is a second use', async ({
  browser,
  page,
}) => {
  person = newClaims();
  let callback = '';
  await sendBack(page, ({ href }) => {
    callback = href;
    return href;
  });
  await withGoogle(page);
  await expectDashboard(page);
  const other = await browser.newPage();
  await other.goto(callback);
  await expect(other.getByText('Signing in with Google did not work.')).toBeVisible();
  await expectNobody(other);
  await page.context().clearCookies({ name: /nebula-session/ });
  await page.goto(callback);
  await expectNobody(page);
});
