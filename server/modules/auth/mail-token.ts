import { createHash, randomBytes } from 'node:crypto';
import { AppError } from '@nebula/contract/errors';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { type Beside, writeTogether } from '../../write-together.ts';
import { type Account, findAccount } from '../account/service.ts';
import { mailRow, pageUrl } from '../mail/service.ts';

const verifySeconds = 24 * 60 * 60;
const resetSeconds = 30 * 60;

type MailTokenKind = 'verify' | 'reset';

/** Sends a link that works once. */
export async function sendMailToken(kind: MailTokenKind, account: Account, page: `/${string}`) {
  const { email, id, name } = account;
  // Not what is remembered of the account: its password may have been set a moment ago.
  const { data } = await database().account.get({ id }).go({ consistent: true });
  const { row, url } = newMailToken(kind, id, page, data?.passwordGeneration);
  const mail =
    kind === 'verify' ? mailRow(email, 'verify', { name, url }) : mailRow(email, 'reset', { url });
  await writeTogether(({ mailToken, outboxMail }) => [
    mailToken.create(row).commit(),
    outboxMail.create(mail).commit(),
  ]);
}

/** The row of a new link, and the link; to be written with the mail that carries it. */
export function newMailToken(
  kind: MailTokenKind,
  accountId: string,
  page: `/${string}`,
  generation = 0,
) {
  const token = randomBytes(32).toString('base64url');
  const seconds = kind === 'verify' ? verifySeconds : resetSeconds;
  const expiresAt = Math.floor(clock.now() / 1000) + seconds;
  const row = { kind, hash: hashOf(token), accountId, generation, expiresAt };
  return { row, url: pageUrl(`${page}?token=${token}`) };
}

type MailToken = {
  account: Account;
  generation: number;
  /** Takes the link out of the table with what it allows: of many who try at once, one gets it. */
  spend: Beside;
};

/** @throws AppError `invalid_input` for a link that was used or is too old */
export async function readMailToken(kind: MailTokenKind, token: string): Promise<MailToken> {
  const key = { kind, hash: hashOf(token) };
  const now = Math.floor(clock.now() / 1000);
  const { data } = await database().mailToken.get(key).go({ consistent: true });
  const account = data && data.expiresAt > now ? await findAccount(data.accountId) : undefined;
  if (!data || !account) throw spentLink();
  const spend: Beside = ({ mailToken }) => [
    mailToken
      .delete(key)
      .where(({ expiresAt }, { gt }) => gt(expiresAt, now))
      .commit(),
  ];
  return { account, generation: data.generation, spend };
}

/** The same for every link that is good no more. */
export const spentLink = () =>
  new AppError('invalid_input', 'The link was used already or is too old; ask for another.', {
    param: 'token',
  });

const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url');
