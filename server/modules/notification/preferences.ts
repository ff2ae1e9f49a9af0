import {
  type NotificationChannel,
  type NotificationEvent,
  notificationEventNames,
  notificationEvents,
  type Preferences,
  type PreferencesChange,
} from '@nebula/contract/notifications';
import { database } from '../../database.ts';
import { writeTogether } from '../../write-together.ts';

/** The choices of an account, each event with one. */
export async function readPreferences(accountId: string): Promise<Required<Preferences>> {
  return choicesIn(await readStored(accountId));
}

async function readStored(accountId: string): Promise<string | undefined> {
  const { data } = await database()
    .notificationSettings.get({ accountId })
    .go({ consistent: true });
  return data?.preferences;
}

function choicesIn(stored = '{}'): Required<Preferences> {
  const chosen = JSON.parse(stored) as Preferences;
  return Object.fromEntries(
    notificationEventNames.map((event) => [event, withFixed(event, chosen[event])]),
  ) as Required<Preferences>;
}

/** Whether an account wants the mail that somebody writes of an event. */
export async function wantsMail(accountId: string, event: NotificationEvent): Promise<boolean> {
  return (await readPreferences(accountId))[event].email;
}

/** Changes the choices that are named, and no other that is made at the same moment. */
export async function writePreferences(
  accountId: string,
  change: PreferencesChange,
): Promise<Required<Preferences>> {
  for (;;) {
    const stored = await readStored(accountId);
    const before = choicesIn(stored);
    const preferences = JSON.stringify(
      Object.fromEntries(
        notificationEventNames.map((event) => [event, { ...before[event], ...change[event] }]),
      ),
    );
    const isWritten = await writeTogether(({ notificationSettings }) => [
      notificationSettings
        .upsert({ accountId, preferences })
        .where(({ preferences: now }, { eq, notExists }) =>
          stored === undefined ? notExists(now) : eq(now, stored),
        )
        .commit(),
    ]);
    if (isWritten) return choicesIn(preferences);
  }
}

/** What is no matter of taste stays as the contract has it. */
function withFixed(event: NotificationEvent, chosen: Preferences[NotificationEvent] | undefined) {
  const own = notificationEvents[event];
  const pick = (channel: NotificationChannel) =>
    own[channel] === 'always' || (chosen?.[channel] ?? own[channel]);
  return { in_app: pick('in_app'), email: pick('email'), push: pick('push') };
}
