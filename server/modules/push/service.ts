import { createHash } from 'node:crypto';
import { AppError } from '@nebula/contract/errors';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';
import { assertAddressAllowed } from '../../platform/egress.ts';
import { logger } from '../../platform/logger.ts';
import { isPushTarget, type PushTarget, pushPublicKey, sendPush } from '../../platform/web-push.ts';
import { createOutbox } from '../outbox/service.ts';
import { hasSession } from '../session/service.ts';

export { pushPublicKey } from '../../platform/web-push.ts';

/** An account has so many browsers; the oldest makes room for another. */
const maxBrowsers = 10;

/** What the service worker shows; of two with the same tag the newer one is seen. */
export type PushMessage = { title: string; text: string; link: string; tag: string };

type Content = { subscriptionId: string; accountId: string; message: PushMessage };

const outbox = createOutbox<Content>({
  kind: 'push',
  keptSeconds: 24 * 60 * 60,
  sentAtOnce: 10,
  isReady: () => pushPublicKey() !== undefined,
  send: deliver,
});

/** Sends what is due, again and again; every web process may. @returns a function that stops it */
export const startPushSender = outbox.start;

/**
 * Remembers a browser for as long as its session goes on. One that another account had before is
 * this one's from now on: it shows things to whoever sits before it.
 *
 * @throws AppError `unavailable` without VAPID keys, `invalid_input` for keys that cannot be used
 */
export async function saveSubscription(
  owner: { accountId: string; sessionId: string },
  target: PushTarget,
): Promise<void> {
  if (!pushPublicKey())
    throw new AppError(
      'unavailable',
      'Notifications in the browser are not set up on this server.',
    );
  await assertAddressAllowed(target.endpoint);
  if (!isPushTarget(target))
    throw new AppError('invalid_input', 'The keys are not those of a push subscription.', {
      param: 'keys',
    });
  const id = idOf(target.endpoint);
  const createdAt = clock.now();
  await database()
    .pushSubscription.put({ ...target, ...owner, id, createdAt })
    .go();
  const all = await subscriptionsOf(owner.accountId);
  await Promise.all(all.slice(0, -maxBrowsers).map(({ id: oldId }) => forget(oldId)));
}

/** Forgets a browser of this account; of another's, or one that there is not, nothing happens. */
export async function removeSubscription(accountId: string, endpoint: string): Promise<void> {
  await forget(idOf(endpoint), accountId);
}

/** The browsers of an account, by the push service of each, which is all that may be shown of them. */
export async function listBrowsers(accountId: string) {
  const all = await subscriptionsOf(accountId);
  return all.map(({ createdAt, endpoint }) => ({ service: new URL(endpoint).host, createdAt }));
}

/** Forgets every browser of an account. */
export async function removeBrowsers(accountId: string): Promise<void> {
  const all = await subscriptionsOf(accountId);
  await Promise.all(all.map(({ id }) => forget(id, accountId)));
}

/** Queues a message for every browser of an account. */
export async function queuePush(accountId: string, message: PushMessage): Promise<void> {
  if (!pushPublicKey()) return;
  const all = await subscriptionsOf(accountId);
  await Promise.all(
    all.map(({ id: subscriptionId }) =>
      database().outboxPush.create(outbox.row({ subscriptionId, accountId, message })).go(),
    ),
  );
}

/** Sends one message; a browser that has gone, or is signed out, is forgotten. */
async function deliver(id: string, { accountId, message, subscriptionId }: Content): Promise<void> {
  const { data: row } = await database().pushSubscription.get({ id: subscriptionId }).go();
  if (row?.accountId !== accountId) return;
  if (!(await hasSession(accountId, row.sessionId))) return forget(subscriptionId, accountId);
  const { error, status } = await sendPush(row, JSON.stringify(message));
  if (status === 404 || status === 410) return forget(subscriptionId, accountId);
  if (status !== undefined && status < 300) return;
  if (status === undefined || status === 429 || status >= 500)
    throw new Error(`The push service did not take it: ${status ?? error}.`);
  logger().warn({ push: id, status }, 'a push service has refused a message for good');
}

async function subscriptionsOf(accountId: string) {
  const { data } = await database()
    .pushSubscription.query.byAccount({ accountId })
    .go({ pages: 'all' });
  return data;
}

async function forget(id: string, accountId?: string): Promise<void> {
  try {
    const removal = database().pushSubscription.delete({ id });
    await (accountId === undefined
      ? removal
      : removal.where((row, { eq }) => eq(row.accountId, accountId))
    ).go();
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
  }
}

const idOf = (endpoint: string) => createHash('sha256').update(endpoint).digest('base64url');
