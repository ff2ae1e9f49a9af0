import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import type { Round } from '../../platform/rounds.ts';
import { writeTogether } from '../../write-together.ts';
import { findAccount } from '../account/service.ts';
import { mailRow, pageUrl } from '../mail/service.ts';
import { notifyAccount } from '../notification/service.ts';
import { emitEvent, eventIdAt } from '../webhook/service.ts';
import { type KeyRow, toPublicKey } from './schema.ts';
import { nextWarning } from './warning.ts';

const dayMilliseconds = 24 * 60 * 60 * 1000;
const maxAtOnce = 50;

/** Tells of keys that are about to expire; each warning once, whoever sweeps. */
export const keyRound: Round = {
  name: 'keys',
  everyMilliseconds: 60_000,
  work: async () => (await sweepExpiringKeys()) === maxAtOnce,
};

/** @returns how many warnings were due */
export async function sweepExpiringKeys(): Promise<number> {
  const { data } = await database()
    .apiKey.query.byWarning({ watch: 'expiring' })
    .lte({ warnAt: clock.now() })
    .go({ limit: maxAtOnce });
  for (const { accountId, id } of data) await warn(accountId, id);
  return data.length;
}

/** The index may lag behind: the row itself says what is due. */
async function warn(accountId: string, id: string): Promise<void> {
  const { data: row } = await database().apiKey.get({ accountId, id }).go({ consistent: true });
  const now = clock.now();
  if (row?.warnAt === undefined || row.warnAt > now) return;
  const account = await findAccount(accountId);
  const end = row.validUntil ?? 0;
  const isWorthIt = account !== undefined && row.isEnabled && end > now;
  // With its id the event makes no second delivery, whoever has begun to tell it before.
  if (isWorthIt)
    await emitEvent(accountId, 'api_key.expiring', toPublicKey(row), { eventId: eventIdOf(row) });
  const { remove, set } = nextWarning(row.validUntil, now);
  const left = leftUntil(end, now);
  const facts = { key: row.name, left, time: new Date(end).toUTCString() };
  const isMine = await writeTogether(({ apiKey, outboxMail }) => [
    apiKey
      .patch({ accountId, id })
      .set(set)
      .remove(remove)
      .where(({ warnAt }, { eq }) => eq(warnAt, row.warnAt ?? 0))
      .commit(),
    ...(isWorthIt
      ? [
          outboxMail
            .create(
              mailRow(account.email, 'key_expiring', { ...facts, url: pageUrl('/dashboard/keys') }),
            )
            .commit(),
        ]
      : []),
  ]);
  if (!isMine || !isWorthIt) return;
  await notifyAccount(accountId, 'key.expiring', {
    title: `An API key expires in ${left}`,
    text: `${row.name} is refused from ${facts.time} on.`,
    link: '/dashboard/keys',
    group: eventIdOf(row),
  });
}

function leftUntil(end: number, now: number): string {
  const days = Math.round((end - now) / dayMilliseconds);
  return days > 1 ? `${days} days` : 'a day';
}

/** One for each warning of a key: whoever tells it again names the same. */
const eventIdOf = ({ id, validUntil = 0, warnAt = 0 }: KeyRow) =>
  eventIdAt(warnAt, `${id} ${validUntil - warnAt}`);
