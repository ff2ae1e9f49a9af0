import {
  type NotificationChannel,
  type NotificationEvent,
  notificationEventNames,
  notificationEvents,
  type Preferences,
  type PreferencesChange,
} from '@nebula/contract/notifications';
import { database } from '../../database.ts';

/** The choices of an account, each event with one. */
export async function readPreferences(accountId: string): Promise<Required<Preferences>> {
  const { data } = await database().notificationSettings.get({ accountId }).go();
  const chosen = JSON.parse(data?.preferences ?? '{}') as Preferences;
  return Object.fromEntries(
    notificationEventNames.map((event) => [event, withFixed(event, chosen[event])]),
  ) as Required<Preferences>;
}

/** Whether an account wants the mail that somebody writes of an event. */
export async function wantsMail(accountId: string, event: NotificationEvent): Promise<boolean> {
  return (await readPreferences(accountId))[event].email;
}

/** Changes the choices that are named. */
export async function writePreferences(
  accountId: string,
  change: PreferencesChange,
): Promise<Required<Preferences>> {
  const before = await readPreferences(accountId);
  const preferences = Object.fromEntries(
    notificationEventNames.map((event) => [event, { ...before[event], ...change[event] }]),
  );
  await database()
    .notificationSettings.upsert({ accountId, preferences: JSON.stringify(preferences) })
    .go();
  return readPreferences(accountId);
}

/** What is no matter of taste stays as the contract has it. */
function withFixed(event: NotificationEvent, chosen: Preferences[NotificationEvent] | undefined) {
  const own = notificationEvents[event];
  const pick = (channel: NotificationChannel) =>
    own[channel] === 'always' || (chosen?.[channel] ?? own[channel]);
  return { in_app: pick('in_app'), email: pick('email'), push: pick('push') };
}
