import { expect, test } from '@playwright/test';
import { arrive } from '../support/browser.ts';

test('a push is shown by the service worker, which is asked for by a click alone', async ({
  context,
  page,
}) => {
  await context.grantPermissions(['notifications']);
  await arrive(page, '/dashboard/notifications');
  const turnOn = page.getByRole('button', { name: 'Turn on' });
  await expect(turnOn).toBeVisible();
  const registrations = () =>
    page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);
  expect(await registrations()).toBe(0);
  const devTools = await context.newCDPSession(page);
  const registration = new Promise<string>((resolve) =>
    devTools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [first] }) => {
      if (first) resolve(first.registrationId);
    }),
  );
  await devTools.send('ServiceWorker.enable');
  await turnOn.click();
  await expect.poll(registrations).toBe(1);
  const registrationId = await registration;
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  const message = { title: 'A job has failed', text: 'x', link: '/dashboard/jobs', tag: 'one' };
  const { origin } = new URL(page.url());
  // No push service can be reached from here: the message arrives by the browser's own tools.
  await devTools.send('ServiceWorker.deliverPushMessage', {
    origin,
    registrationId,
    data: JSON.stringify(message),
  });
  const shown = () =>
    page.evaluate(async () => {
      const worker = await navigator.serviceWorker.ready;
      const all = await worker.getNotifications();
      return all.map(({ body, data, title }) => ({ body, data, title }));
    });
  await expect
    .poll(shown)
    .toEqual([{ title: message.title, body: message.text, data: { link: message.link } }]);
});
