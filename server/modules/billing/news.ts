import { plans } from '@nebula/contract/plans';
import { userChannel } from '@nebula/contract/realtime';
import { env } from '../../env.ts';
import { isoTime } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { writeTogether } from '../../write-together.ts';
import type { Account } from '../account/service.ts';
import { type AuditEvent, auditRow, systemSource } from '../audit/service.ts';
import { mailRow, pageUrl } from '../mail/service.ts';
import { notifyAccount } from '../notification/service.ts';
import { publish } from '../realtime/service.ts';
import { emitEvent } from '../webhook/service.ts';
import type { Dispute } from './clock/dispute.ts';
import type { BillingNotice, Standing } from './clock/state.ts';
import { findDocument } from './invoices.ts';
import { rupees } from './print-document.ts';
import { toPublicInvoice } from './schema.ts';

type Row = { accountId: string; key: string; eventId?: string };
type Mail = ReturnType<typeof mailRow>;
/** What is written together with the note that all was told. */
type Told = { mails: Mail[]; audit?: AuditEvent };

/**
 * Tells an account what has happened: webhooks, those who look at the dashboard, and a mail. The id of
 * the event was stored with the change, so that telling it again makes no second delivery; mails are
 * written together with the note that all was told.
 */
export async function tellNews(account: Account, row: Row, notice: BillingNotice): Promise<true> {
  const { accountId, eventId = newId('msg'), key } = row;
  const { audit, mails } = await tell(account, { eventId, key }, notice);
  // False says that somebody else has told it meanwhile.
  await writeTogether(({ auditEvent, billingEffect, outboxMail }) => [
    billingEffect
      .patch({ accountId, key })
      .set({ status: 'done' })
      .where(({ status }, { eq }) => eq(status, 'pending'))
      .commit(),
    ...mails.map((mail) => outboxMail.create(mail).commit()),
    ...(audit ? [auditEvent.create(auditRow(systemSource, audit)).commit()] : []),
  ]);
  return true;
}

async function tell(
  account: Account,
  { eventId, key }: { eventId: string; key: string },
  notice: BillingNotice,
): Promise<Told> {
  const { email, id } = account;
  const url = pageUrl('/dashboard/billing');
  if (notice.name === 'updated') {
    const facts = describeStanding(notice);
    await emitEvent(id, 'subscription.updated', facts, { eventId });
    const realtimeId = eventId.replace('msg_', 'rte_');
    await publish(userChannel(id), 'subscription.updated', facts, { eventId: realtimeId });
    return { mails: [] };
  }
  if (notice.name === 'dispute') return tellDispute(account, key, notice.dispute);
  const news = { link: '/dashboard/billing', group: key, isOnce: true } as const;
  if (notice.name === 'refunded') {
    const amount = rupees(notice.amount);
    const text = `${amount} go back the way they were paid; the bank may take some days.`;
    await notifyAccount(id, 'payment.succeeded', { ...news, title: 'A refund', text });
    return { mails: [mailRow(email, 'payment_refunded', { amount, url })] };
  }
  if (notice.name === 'plan_chosen') {
    const { title, what } = choiceWords(notice);
    await notifyAccount(id, 'payment.succeeded', { ...news, title, text: what });
    return { mails: [mailRow(email, 'plan_chosen', { title, what, url })] };
  }
  const invoice = toPublicInvoice(await findDocument(id, notice.invoiceId));
  const { number } = invoice;
  const amount = rupees(invoice.total);
  if (notice.name === 'lapsed') {
    const text = `Invoice ${number} over ${amount} was not paid. The limits of Free hold; nothing is deleted.`;
    await notifyAccount(id, 'payment.failed', { ...news, title: 'Your plan has ended', text });
    return { mails: [mailRow(email, 'plan_lapsed', { number, amount, url })] };
  }
  if (notice.name === 'paid') {
    await emitEvent(id, 'invoice.paid', invoice, { eventId });
    const title = notice.isRenewal ? 'Your plan is renewed' : `Invoice ${number} is paid`;
    const text = `${invoice.description}: invoice ${number} over ${amount} is paid.`;
    await notifyAccount(id, 'payment.succeeded', { ...news, title, text });
    const what = invoice.description;
    return { mails: [mailRow(email, 'invoice_paid', { number, amount, what, url })] };
  }
  const { attempt, nextAttemptAt } = notice;
  const next_attempt_at = nextAttemptAt === undefined ? null : isoTime(nextAttemptAt);
  const facts = { ...invoice, attempt: attempt + 1, next_attempt_at };
  await emitEvent(id, 'invoice.payment_failed', facts, { eventId });
  // After the last attempt the news of the lapse says all.
  if (nextAttemptAt === undefined) return { mails: [] };
  const next = new Date(nextAttemptAt).toUTCString();
  const text = `Invoice ${number} over ${amount} could not be charged. We try again on ${next}.`;
  await notifyAccount(id, 'payment.failed', { ...news, title: 'A payment has failed', text });
  return { mails: [mailRow(email, 'payment_failed', { number, amount, next, url })] };
}

function choiceWords({ from, isKept, plan }: Extract<BillingNotice, { name: 'plan_chosen' }>) {
  const { name } = plans[plan];
  if (isKept) return { title: `You keep ${name}`, what: `Your plan goes on as it is: ${name}.` };
  const date = new Date(from).toUTCString();
  if (plan === 'free')
    return {
      title: 'Your plan was canceled',
      what: `It works until ${date}; then the limits of Free hold. Nothing is deleted.`,
    };
  return { title: `Your next plan is ${name}`, what: `It begins on ${date}.` };
}

const disputeWords = {
  open: {
    action: 'payment.disputed',
    title: 'A payment is disputed',
    means: 'Nothing has changed yet. If it was a mistake, ask the bank to withdraw it.',
  },
  won: {
    action: 'payment.dispute_won',
    title: 'A dispute has ended',
    means: 'The bank has left the payment as it was, and nothing has changed.',
  },
  lost: {
    action: 'payment.dispute_lost',
    title: 'A payment was taken back',
    means:
      'The bank has taken the money back. A plan that it paid for has ended; nothing is deleted.',
  },
} as const;

/** The account and the operator hear of each step, and the audit log keeps it. */
async function tellDispute(account: Account, key: string, dispute: Dispute): Promise<Told> {
  const { email, id: accountId } = account;
  const { id, paymentId, reason, respondBy, status } = dispute;
  const { action, means, title } = disputeWords[status];
  const amount = rupees(dispute.amount);
  const news = { link: '/dashboard/billing', group: key, isOnce: true } as const;
  await notifyAccount(accountId, 'payment.disputed', {
    ...news,
    title,
    text: `${amount}: ${means}`,
  });
  const facts = { title, amount, reason };
  const { SUPPORT_EMAIL: operator } = env();
  const due = respondBy === undefined ? 'none' : new Date(respondBy).toUTCString();
  const mails = [
    mailRow(email, 'payment_disputed', { ...facts, means, url: pageUrl(news.link) }),
    ...(operator
      ? [
          mailRow(operator, 'dispute_to_answer', {
            ...facts,
            customer: email,
            due: status === 'open' ? due : 'over',
            url: pageUrl('/dashboard/admin/payments'),
          }),
        ]
      : []),
  ];
  const after = { dispute: id, amount: dispute.amount, reason };
  return { mails, audit: { accountId, action, targetId: paymentId, after } };
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
