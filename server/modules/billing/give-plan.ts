import { AppError } from '@nebula/contract/errors';
import { type PlanId, plans } from '@nebula/contract/plans';
import { userChannel } from '@nebula/contract/realtime';
import { database } from '../../database.ts';
import { newId } from '../../platform/ids.ts';
import { writeTogether } from '../../write-together.ts';
import { type Account, forgetAccount } from '../account/service.ts';
import { type AuditSource, auditRow } from '../audit/service.ts';
import { mailRow, pageUrl } from '../mail/service.ts';
import { notifyAccount } from '../notification/service.ts';
import { publish } from '../realtime/service.ts';
import { emitEvent } from '../webhook/service.ts';
import { priceOf } from './clock/cycle.ts';
import type { BillingState } from './clock/state.ts';
import { describeStanding } from './news.ts';

/**
 * Gives an account a plan that nobody pays for, or takes it back with Free; no money moves. Its limits
 * hold at once. Given again, it changes nothing.
 *
 * @throws AppError `conflict` for an account that pays for its plan: what was paid would be lost, and
 *   the next renewal would undo it
 */
export async function givePlan(
  id: string,
  { plan, reason }: { plan: PlanId; reason: string },
  source: AuditSource,
): Promise<Account> {
  const [{ data: account }, { data: row }] = await Promise.all([
    database().account.get({ id }).go({ consistent: true }),
    database().billing.get({ accountId: id }).go({ consistent: true }),
  ]);
  if (!account) throw new AppError('not_found', 'There is no such account.');
  const paid = row && (JSON.parse(row.state) as BillingState).cycle.plan;
  if (paid && priceOf(paid) > 0) {
    const message = `The account pays for ${plans[paid].name}. Its owner cancels first, and the cycle has to end.`;
    throw new AppError('conflict', message, { param: 'plan' });
  }
  if (account.plan === plan) return account;
  const change = { accountId: id, action: 'account.plan_changed', targetId: id } as const;
  const facts = { before: { plan: account.plan }, after: { plan, reason } };
  const { name } = plans[plan];
  const mail = { plan: name, reason, url: pageUrl('/dashboard/usage') };
  const isWritten = await writeTogether((rows) => [
    rows.account
      .patch({ id })
      .set({ plan })
      .where((is, { eq }) => eq(is.plan, account.plan))
      .commit(),
    // Somebody may be paying at this moment.
    rows.billing
      .check({ accountId: id })
      .where(({ version }, { eq, notExists }) =>
        row ? eq(version, row.version) : notExists(version),
      )
      .commit(),
    rows.auditEvent.create(auditRow(source, { ...change, ...facts })).commit(),
    rows.outboxMail.create(mailRow(account.email, 'plan_given', mail)).commit(),
  ]);
  if (!isWritten) throw new AppError('conflict', 'The account was changed meanwhile. Look again.');
  await forgetAccount(id);
  await tell(id, plan);
  return { ...account, plan };
}

async function tell(id: string, plan: PlanId): Promise<void> {
  const facts = describeStanding({ plan, status: 'active', nextPlan: plan });
  const eventId = newId('msg');
  await emitEvent(id, 'subscription.updated', facts, { eventId });
  const realtimeId = eventId.replace('msg_', 'rte_');
  await publish(userChannel(id), 'subscription.updated', facts, { eventId: realtimeId });
  await notifyAccount(id, 'plan.given', {
    title: `Your plan is ${plans[plan].name}`,
    text: 'The operator has changed your plan. Nothing was charged, and its limits hold at once.',
    link: '/dashboard/usage',
  });
}
