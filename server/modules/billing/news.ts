import { plans } from '@nebula/contract/plans';
import { userChannel } from '@nebula/contract/realtime';
import { isoTime } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { writeTogether } from '../../write-together.ts';
import type { Account } from '../account/service.ts';
import { mailRow, pageUrl } from '../mail/service.ts';
import { notifyAccount } from '../notification/service.ts';
import { publish } from '../realtime/service.ts';
import { emitEvent } from '../webhook/service.ts';
import type { BillingNotice, Standing } from './clock/state.ts';
import { findDocument } from './invoices.ts';
import { rupees } from './print-document.ts';
import { toPublicInvoice } from './schema.ts';

type Row = { accountId: string; key: string; eventId?: string };
type Mail = ReturnType<typeof mailRow>;

/**
 * Tells an account what has happened: webhooks, those who look at the dashboard, and a mail. The id of
 * the event was stored with the change, so that telling it again makes no second delivery; the mail is
 * written together with the note that all was told.
 */
export async function tellNews(account: Account, row: Row, notice: BillingNotice): Promise<true> {
  const { accountId, eventId = newId('msg'), key } = row;
  const mail = await tell(account, { eventId, key }, notice);
  // False says that somebody else has told it meanwhile.
  await writeTogether(({ billingEffect, outboxMail }) => [
    billingEffect
      .patch({ accountId, key })
      .set({ status: 'done' })
      .where(({ status }, { eq }) => eq(status, 'pending'))
      .commit(),
    ...(mail ? [outboxMail.create(mail).commit()] : []),
  ]);
  return true;
}

async function tell(
  account: Account,
  { eventId, key }: { eventId: string; key: string },
  notice: BillingNotice,
): Promise<Mail | undefined> {
  const { email, id } = account;
  const url = pageUrl('/dashboard/billing');
  if (notice.name === 'updated') {
    const facts = describeStanding(notice);
    await emitEvent(id, 'subscription.updated', facts, { eventId });
    const realtimeId = eventId.replace('msg_', 'rte_');
    await publish(userChannel(id), 'subscription.updated', facts, { eventId: realtimeId });
    return undefined;
  }
  const invoice = toPublicInvoice(await findDocument(id, notice.invoiceId));
  const { number } = invoice;
  const amount = rupees(invoice.total);
  const news = { link: '/dashboard/billing', group: key, isOnce: true } as const;
  if (notice.name === 'lapsed') {
    const text = `Invoice ${number} over ${amount} was not paid. The limits of Free hold; nothing is deleted.`;
    await notifyAccount(id, 'payment.failed', { ...news, title: 'Your plan has ended', text });
    return mailRow(email, 'plan_lapsed', { number, amount, url });
  }
  if (notice.name === 'paid') {
    await emitEvent(id, 'invoice.paid', invoice, { eventId });
    const title = notice.isRenewal ? 'Your plan is renewed' : `Invoice ${number} is paid`;
    const text = `${invoice.description}: invoice ${number} over ${amount} is paid.`;
    await notifyAccount(id, 'payment.succeeded', { ...news, title, text });
    return mailRow(email, 'invoice_paid', { number, amount, what: invoice.description, url });
  }
  const { attempt, nextAttemptAt } = notice;
  const next_attempt_at = nextAttemptAt === undefined ? null : isoTime(nextAttemptAt);
  const facts = { ...invoice, attempt: attempt + 1, next_attempt_at };
  await emitEvent(id, 'invoice.payment_failed', facts, { eventId });
  // After the last attempt the news of the lapse says all.
  if (nextAttemptAt === undefined) return undefined;
  const next = new Date(nextAttemptAt).toUTCString();
  const text = `Invoice ${number} over ${amount} could not be charged. We try again on ${next}.`;
  await notifyAccount(id, 'payment.failed', { ...news, title: 'A payment has failed', text });
  return mailRow(email, 'payment_failed', { number, amount, next, url });
}

/** A subscription as webhooks and pages see it. */
export function describeStanding({ cycleEnd, nextPlan, plan, status }: Standing) {
  return {
    plan,
    plan_name: plans[plan].name,
    status,
    next_plan: nextPlan,
    cycle_end: cycleEnd === undefined ? null : isoTime(cycleEnd),
  };
}
