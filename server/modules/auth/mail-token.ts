import { createHash, randomBytes } from 'node:crypto';
import { AppError } from '@nebula/contract/errors';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';
import { type Account, findAccount } from '../account/service.ts';
import { mailRow, pageUrl } from '../mail/service.ts';

const verifySeconds = 24 * 60 * 60;
const resetSeconds = 30 * 60;

type MailTokenKind = 'verify' | 'reset';

/** Sends a link that works once. */
export async function sendMailToken(kind: MailTokenKind, account: Account, page: `/${string}`) {
  const { row, url } = newMailToken(kind, account.id, page);
  const { email, name } = account;
  const mail =
    kind === 'verify' ? mailRow(email, 'verify', { name, url }) : mailRow(email, 'reset', { url });
  await database()
    .transaction.write(({ mailToken, outboxMail }) => [
      mailToken.create(row).commit(),
      outboxMail.create(mail).commit(),
    ])
    .go();
}

/** The row of a new link, and the link; to be written with the mail that carries it. */
export function newMailToken(kind: MailTokenKind, accountId: string, page: `/${string}`) {
  const token = randomBytes(32).toString('base64url');
  const seconds = kind === 'verify' ? verifySeconds : resetSeconds;
  const expiresAt = Math.floor(clock.now() / 1000) + seconds;
  const row = { kind, hash: hashOf(token), accountId, expiresAt };
  return { row, url: pageUrl(`${page}?token=${token}`) };
}

/** Takes a link out of the table: of many who try at once, one gets it. */
export async function redeemMailToken(kind: MailTokenKind, token: string): Promise<Account> {
  const now = Math.floor(clock.now() / 1000);
  try {
    const { data } = await database()
      .mailToken.remove({ kind, hash: hashOf(token) })
      .where((row, { gt }) => gt(row.expiresAt, now))
      .go({ response: 'all_old' });
    const account = data && (await findAccount(data.accountId));
    if (account) return account;
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
  }
  throw new AppError('invalid_input', 'The link was used already or is too old; ask for another.', {
    param: 'token',
  });
}

const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url');
