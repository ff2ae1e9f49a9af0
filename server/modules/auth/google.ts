import { database } from '../../database.ts';
import {
  type Account,
  canonicalEmail,
  createGoogleAccount,
  findAccount,
  findGoogleAccount,
  type GooglePerson,
  linkGoogle,
} from '../account/service.ts';
import type { AuditSource } from '../audit/service.ts';
import { mailRow, pageUrl, queueMail } from '../mail/service.ts';
import { type Session, takeLinkLeave } from '../session/service.ts';
import { type SignInOrigin, startSession } from './start-session.ts';

/** Why Google did not sign somebody in; the page of the sign-in has the words. */
export type GoogleRefusal =
  | 'google_address_taken'
  | 'google_already_linked'
  | 'google_other_person'
  | 'google_suspended'
  | 'google_unverified';

export type GoogleOutcome =
  | { account: Account; session: Session }
  | { linked: true }
  | { refused: GoogleRefusal; isLinking: boolean };

type Claims = { sub?: string; email?: string; email_verified?: boolean | string; name?: string };

/**
 * Signs in by what Google says, makes an account for an address that has none, or links where the
 * owner of a session has asked for that a moment ago. An address alone links nothing: it would give
 * an account to whoever gets hold of the address.
 */
export async function continueWithGoogle(
  claims: Claims,
  { giveDevice, ...origin }: SignInOrigin,
  current: { accountId: string; sessionId: string } | undefined,
): Promise<GoogleOutcome> {
  const isLinking = current ? await takeLinkLeave(current.accountId, current.sessionId) : false;
  const refuse = (refused: GoogleRefusal) => ({ refused, isLinking });
  const person = personOf(claims);
  if (!person) return refuse('google_unverified');
  const found = await findGoogleAccount(person);
  const source: AuditSource = { actor: { kind: 'anonymous' }, ...origin };
  if (current && isLinking) {
    const owner = await findAccount(current.accountId);
    if (!owner || found || !(await linkGoogle(owner, person, source)))
      return refuse('google_already_linked');
    const facts = { google: person.email, url: pageUrl('/dashboard/settings') };
    await queueMail(owner.email, 'google_linked', facts);
    return { linked: true };
  }
  if (found === 'stranger') return refuse('google_other_person');
  const account = found ?? (await welcome(person, source));
  if (!account) return refuse('google_address_taken');
  if (account.isSuspended) return refuse('google_suspended');
  return { account, session: await startSession(account, 'browser', { ...origin, giveDevice }) };
}

/** Google has confirmed the address, so that the account is ready at once. */
async function welcome(person: GooglePerson, source: AuditSource): Promise<Account | undefined> {
  const account = await createGoogleAccount(person, source);
  if (account) await database().outboxMail.create(welcomeRow(account)).go();
  return account;
}

/** The mail that says what to do first with an account that is ready. */
export const welcomeRow = ({ email, name }: Account) =>
  mailRow(email, 'welcome', { name, url: pageUrl('/playground') });

/** Google says `true`; other providers have been seen to say `"true"`. */
function personOf({ email, email_verified, name, sub }: Claims): GooglePerson | undefined {
  if (!email || !sub || String(email_verified) !== 'true') return undefined;
  const address = canonicalEmail(email);
  const display = name
    ?.replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 100);
  return { subject: sub, email: address, name: display || address.split('@')[0] || address };
}
