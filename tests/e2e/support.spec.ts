import { readFile } from 'node:fs/promises';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { arrive, collectErrors, expectInOrder, overflowOf } from '../support/browser.ts';
import { api, stack } from '../support/stack.ts';

async function customerPage(browser: Browser) {
  const page = await (await browser.newContext()).newPage();
  return { page, person: await arrive(page) };
}

async function operatorPage(browser: Browser): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await arrive(page, '/dashboard/admin/support', stack.admin);
  return page;
}

const panelOf = (page: Page) => page.getByRole('dialog', { name: 'Support' });
const logOf = (page: Page) => page.getByRole('log', { name: 'Messages' });

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.keyboard.press('Enter');
}

/** Begins a conversation by the bubble, with a subject that no other has. */
async function ask(page: Page, subject: string, message: string): Promise<void> {
  await page.getByRole('button', { name: /^Support/ }).click();
  await panelOf(page).getByRole('button', { name: 'New conversation' }).click();
  await page.getByLabel('What is it about?').fill(subject);
  await say(page, message);
  await expect(logOf(page).getByText(message)).toBeVisible();
}

/** What the messages say, in the order in which they stand. */
const textsOf = (page: Page) => logOf(page).locator('li > p.whitespace-pre-wrap').allTextContents();

const subjectOf = (what: string) => `${what} ${Date.now()}`;

test('a customer and an operator talk, and see each other write and read', async ({ browser }) => {
  test.setTimeout(120_000);
  const { page: customer } = await customerPage(browser);
  const operator = await operatorPage(browser);
  const errors = [collectErrors(customer), collectErrors(operator)];
  const subject = subjectOf('Talk');
  await ask(customer, subject, 'Good day');
  // The inbox is told without being asked.
  await operator.getByRole('button', { name: new RegExp(subject) }).click();
  await expect(logOf(operator).getByText('Good day')).toBeVisible();
  await expect(operator.getByText('has it open')).toBeVisible();
  await expect(logOf(customer).getByText('Read')).toBeVisible();
  await expect(panelOf(customer).getByText('here now')).toBeVisible();

  await operator.getByLabel('Message', { exact: true }).pressSequentially('Let me see');
  await expect(panelOf(customer).getByText('is writing…')).toBeVisible();
  await operator.keyboard.press('Enter');
  await expect(logOf(customer).getByText('Let me see')).toBeVisible();
  await expect(logOf(operator).getByText('Read')).toBeVisible();

  await operator.getByLabel('Private note').click();
  await say(operator, 'only among us');
  await expect(logOf(operator).getByText('only among us')).toBeVisible();
  await operator.getByLabel('Private note').click();
  await customer.getByLabel('Message', { exact: true }).pressSequentially('Thank');
  await expect(operator.getByText('is writing…')).toBeVisible();
  await customer.keyboard.press('Enter');
  await expect(logOf(operator).getByText('Thank')).toBeVisible();
  expect(await textsOf(customer)).toEqual(['Good day', 'Let me see', 'Thank']);

  // What is said while nobody is there is delivered when the customer is back, and read later.
  await customer.goto('about:blank');
  await say(operator, 'You are welcome');
  await expect(logOf(operator).getByText('Sent')).toBeVisible();
  await customer.goto('/dashboard');
  await expect(customer.getByRole('button', { name: 'Support, 1 unread' })).toBeVisible();
  await expect(logOf(operator).getByText('Delivered')).toBeVisible();
  const answers = operator.getByRole('combobox', { name: 'Who answers' });
  await answers.selectOption('Me');
  await expect(answers).toBeEnabled();
  await expect(answers.locator('option:checked')).toHaveText('Me');
  await operator.getByRole('button', { name: 'Close', exact: true }).click();
  await customer.getByRole('button', { name: 'Support, 1 unread' }).click();
  await panelOf(customer)
    .getByRole('button', { name: new RegExp(subject) })
    .click();
  await expect(panelOf(customer).getByText('Closed; write to open it again')).toBeVisible();
  expect(errors).toEqual([[], []]);
});

test('the first message of a conversation stands at once, and is begun once although it fails', async ({
  browser,
}) => {
  test.setTimeout(120_000);
  const { page: customer } = await customerPage(browser);
  const subject = subjectOf('First');
  let fails = true;
  const begun = Promise.withResolvers<void>();
  await customer.route('**/api/trpc/conversations.create*', async (route) => {
    if (fails) return route.abort();
    await begun.promise;
    return route.continue();
  });
  await ask(customer, subject, 'stands at once');
  await logOf(customer).getByText('Not sent').waitFor();
  fails = false;
  await logOf(customer).getByRole('button', { name: 'Try again' }).click();
  await expect(logOf(customer).getByText('Sending')).toBeVisible();
  begun.resolve();
  await expect(logOf(customer).getByText(/Sent|Delivered/)).toBeVisible();
  await expect.poll(() => textsOf(customer)).toEqual(['stands at once']);
  await say(customer, 'and a second');
  await expect.poll(() => textsOf(customer)).toEqual(['stands at once', 'and a second']);
  await panelOf(customer).getByRole('button', { name: 'Back to the conversations' }).click();
  await expect(panelOf(customer).getByRole('button', { name: new RegExp(subject) })).toHaveCount(1);
});

test('who was offline has each message once and in order when they are back', async ({
  browser,
}) => {
  test.setTimeout(120_000);
  const { page: customer } = await customerPage(browser);
  const operator = await operatorPage(browser);
  const subject = subjectOf('Offline');
  await ask(customer, subject, 'one');
  await operator.getByRole('button', { name: new RegExp(subject) }).click();
  await expect(logOf(operator).getByText('one')).toBeVisible();

  await customer.context().setOffline(true);
  await say(customer, 'written offline');
  await expect(logOf(customer).getByText('Not sent')).toBeVisible();
  for (const text of ['two', 'three', 'four']) {
    await say(operator, text);
    await expect(logOf(operator).getByText(text, { exact: true })).toBeVisible();
  }
  await expect(logOf(operator).getByText('Sending')).toHaveCount(0);
  await customer.context().setOffline(false);
  await expect(logOf(customer).getByText('four')).toBeVisible({ timeout: 20_000 });
  await expect(logOf(customer).getByText('Not sent')).toHaveCount(0);
  await expect(logOf(operator).getByText('written offline')).toBeVisible();
  const expected = ['one', 'two', 'three', 'four', 'written offline'];
  await expect.poll(() => textsOf(customer)).toEqual(expected);
  await expect.poll(() => textsOf(operator)).toEqual(expected);
  await customer.reload();
  await customer.getByRole('button', { name: /^Support/ }).click();
  await panelOf(customer)
    .getByRole('button', { name: new RegExp(subject) })
    .click();
  await expect.poll(() => textsOf(customer)).toEqual(expected);
});

test('the notification of an answer opens its conversation, on whatever page, again and again', async ({
  browser,
}) => {
  const { page: customer } = await customerPage(browser);
  const operator = await operatorPage(browser);
  const subject = subjectOf('Linked');
  await ask(customer, subject, 'Is there a link?');
  await customer.getByRole('button', { name: 'Close the support' }).click();
  await operator.getByRole('button', { name: new RegExp(subject) }).click();
  await say(operator, 'There is');
  await customer.goto('/dashboard/notifications');
  for (let time = 0; time < 2; time++) {
    const link = customer.getByRole('main').getByRole('link', { name: new RegExp(subject) });
    await link.click();
    await expect(logOf(customer).getByText('There is')).toBeVisible();
    await customer.getByRole('button', { name: 'Close the support' }).click();
    await customer.getByRole('link', { name: 'Notifications' }).first().click();
  }
});

test('a job is attached, and the operator sees what it was', async ({ browser }) => {
  test.setTimeout(120_000);
  const { page: customer, person } = await customerPage(browser);
  await fetch(`${api}/tools/html-to-pdf`, {
    method: 'POST',
    headers: {
      ...person.session,
      'content-type': 'application/json',
      prefer: 'respond-async',
    },
    body: JSON.stringify({ html: '<p>about this one', scale: 0.7 }),
  });
  const subject = subjectOf('Job');
  await ask(customer, subject, 'It looks odd');
  await panelOf(customer).getByRole('button', { name: 'Job' }).click();
  await customer.getByRole('menuitem', { name: /html-to-pdf/ }).click();
  await expect(panelOf(customer).getByText(/by sending you agree/)).toBeVisible();
  await say(customer, 'this one');
  const operator = await operatorPage(browser);
  await operator.getByRole('button', { name: new RegExp(subject) }).click();
  await operator.getByText(/^Job html-to-pdf/).click();
  await expect(logOf(operator).getByText('"scale": 0.7')).toBeVisible();
  await expect(operator.getByText(person.email)).toBeVisible();
  const download = customer.waitForEvent('download');
  await customer.getByRole('button', { name: 'Save the transcript' }).click();
  const transcript = await readFile(await (await download).path(), 'utf8');
  expect(transcript).toMatch(/It looks odd[\s\S]*this one\n\[job: job_\w+, html-to-pdf/);
});

test('a reply that is kept ready goes into the message', async ({ browser }) => {
  test.setTimeout(120_000);
  const { page: customer } = await customerPage(browser);
  const subject = subjectOf('Canned');
  await ask(customer, subject, 'How?');
  const operator = await operatorPage(browser);
  const title = subjectOf('How to begin');
  await operator.getByRole('button', { name: 'Canned replies' }).click();
  await operator.getByLabel('Title').fill(title);
  await operator.getByLabel('Text').fill('Make a key first.');
  await operator.getByRole('button', { name: 'Keep it' }).click();
  await expect(operator.getByRole('button', { name: `Edit ${title}` })).toBeVisible();
  await operator.keyboard.press('Escape');
  await operator.getByRole('button', { name: new RegExp(subject) }).click();
  await operator.getByRole('button', { name: 'Canned reply' }).click();
  await operator.getByRole('menuitem', { name: title }).click();
  await operator.getByRole('button', { name: 'Send' }).click();
  await expect(logOf(customer).getByText('Make a key first.')).toBeVisible();
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`the chat is in order at 360 and 1280 pixels and by keys alone, ${colorScheme}`, async ({
    browser,
  }) => {
    test.setTimeout(120_000);
    const { page } = await customerPage(browser);
    await page.emulateMedia({ colorScheme });
    const inOrder = async () => {
      await expect(page.locator('.animate-pulse')).toHaveCount(0);
      await expectInOrder(page, 'chat');
    };
    await page.getByRole('button', { name: 'Support', exact: true }).focus();
    await page.keyboard.press('Enter');
    await expect(panelOf(page).getByText('No conversations yet')).toBeVisible();
    await inOrder();
    await page.setViewportSize({ width: 360, height: 780 });
    await inOrder();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: 'Support', exact: true })).toBeFocused();
    await ask(page, subjectOf('In order'), 'Is it?');
    await inOrder();
    await page.setViewportSize({ width: 1280, height: 900 });
    await inOrder();
  });

test('the support is on the pages before the door too, for those who are signed in', async ({
  browser,
  page: stranger,
}) => {
  const { page } = await customerPage(browser);
  const errors = collectErrors(page);
  const bubble = page.getByRole('button', { name: 'Support', exact: true });
  await page.setViewportSize({ width: 360, height: 780 });
  for (const path of ['/', '/docs', '/playground']) {
    await page.goto(path);
    await expect(bubble).toBeVisible();
    expect(await overflowOf(page), path).toBeLessThanOrEqual(0);
  }
  // The button of the playground and the bubble do not lie upon each other.
  await page.getByRole('button', { name: 'Run', exact: true }).click({ trial: true });
  await expectInOrder(page, 'playground');
  await ask(page, subjectOf('Before the door'), 'Is somebody there?');
  expect(errors).toEqual([]);
  await stranger.goto('/playground');
  await expect(stranger.getByRole('button', { name: 'Run', exact: true })).toBeVisible();
  await expect(stranger.getByRole('button', { name: 'Support', exact: true })).toHaveCount(0);
});

test('operators see who of them is there, and find a conversation by its words', async ({
  browser,
}) => {
  test.setTimeout(120_000);
  const { page: customer } = await customerPage(browser);
  const [subject, word] = [subjectOf('Words'), `word${Date.now()}`];
  await ask(customer, subject, `It says ${word}.`);
  await expect(logOf(customer).getByText(/Sent|Delivered/)).toBeVisible();
  const operator = await operatorPage(browser);
  await expect(operator.getByText(/^Here now: .*you/)).toBeVisible({ timeout: 20_000 });
  await operator.getByLabel('Find by subject, customer or words').fill(word.toUpperCase());
  const list = operator.locator('#inbox-list').getByRole('listitem');
  await expect(list).toHaveCount(1);
  await expect(list).toContainText(subject);
});

test('the inbox is for admins alone', async ({ page }) => {
  await arrive(page, '/dashboard', stack.demo);
  const response = await page.goto('/dashboard/admin/support');
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('link', { name: 'Support inbox' })).toHaveCount(0);
});
