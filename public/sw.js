// Shows what the account is notified of while no page is open, and opens its page on a click.

self.addEventListener('push', (event) => {
  const { link, tag, text, title } = event.data.json();
  const shown = self.registration.showNotification(title, {
    body: text,
    tag,
    icon: '/logo.svg',
    data: { link },
  });
  event.waitUntil(shown);
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.link));
});

/** In a page that is open already, if there is one. */
async function open(link) {
  const [page] = await self.clients.matchAll({ type: 'window' });
  if (!page) return self.clients.openWindow(link);
  await page.focus();
  return page.navigate(link).catch(() => self.clients.openWindow(link));
}
