import { AppError } from '@nebula/contract/errors';
import { plans } from '@nebula/contract/plans';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';
import { newId } from '../../platform/ids.ts';
import type { Account } from '../account/service.ts';
import { readBilling } from './checkout.ts';
import { priceOf } from './clock/cycle.ts';
import { runEffects } from './effects.ts';
import {
  cancelAtCashfree,
  isAtBank,
  type MandateStatus,
  readMandateStatus,
} from './mandate-status.ts';
import { cashfree, checkoutUrl, effectWorld, ignoreNotFound, seller } from './provider.ts';
import { changeBilling, findHolder, sortable } from './store.ts';

/** Whoever has not allowed it within a day is asked anew. */
const openMs = 24 * 3_600_000;
/** A bank that has been asked takes two working days or so. */
const bankMs = 10 * 24 * 3_600_000;
export type MandateStart = {
  mandateId: string;
  sessionId: string;
  /** Where the customer allows it. */
  url: string;
};

/** The most that one charge may take: the dearest plan, so that an upgrade needs no new mandate. */
export const mandateMaxPaise = Math.max(...Object.values(plans).map((plan) => plan.pricePaise));

/**
 * Begins to ask the customer for automatic payments; one that is allowed takes the place of the one
 * before. Charges are raised by us, so the mandate is on demand.
 */
export async function startMandate(
  account: Account,
  { phone, returnUrl }: { phone: string; returnUrl: string },
): Promise<MandateStart> {
  const { cycle } = await readBilling(account);
  if (priceOf(cycle.plan) === 0) {
    throw new AppError('conflict', 'Free costs nothing to renew. Buy a plan first.');
  }
  const id = newId('mnd');
  const row = { id, accountId: account.id, createdAt: sortable(clock.now()) };
  // Before Cashfree hears of it, so that no webhook meets an unknown one.
  await database()
    .billingMandate.create({ ...row, status: 'open' })
    .go();
  const subscription = await cashfree().createSubscription({
    subscription_id: id,
    customer_details: {
      customer_id: account.id,
      customer_phone: phone,
      customer_email: account.email,
    },
    plan_details: {
      plan_id: 'nebula-renewal',
      plan_name: 'NebulaAPI, every 30 days',
      plan_max_amount: mandateMaxPaise,
    },
    subscription_meta: { return_url: returnUrl },
  });
  const sessionId = subscription.subscription_session_id ?? '';
  return { mandateId: id, sessionId, url: checkoutUrl('mandate', sessionId) };
}

/**
 * Asks Cashfree what became of a mandate and applies it; then what waits for a charge of it is looked
 * after. Like an order it may be asked about by anybody, however often.
 */
export async function confirmMandate(id: string): Promise<'unknown' | MandateStatus> {
  const { data: row } = await database().billingMandate.get({ id }).go({ consistent: true });
  if (!row) return 'unknown';
  const holder = await findHolder(row.accountId);
  const status = await askStatus(row);
  const at = clock.now();
  if (status !== 'open') {
    const type = status === 'active' ? 'mandate_allowed' : 'mandate_ended';
    await changeBilling(holder, seller(), { type, at, id });
  }
  if (status !== row.status && status !== 'open') await setStatus(id, status);
  await runEffects(effectWorld(), holder.id);
  return status;
}

type Row = { id: string; status: MandateStatus; createdAt: string };

async function askStatus({ createdAt, id, status }: Row): Promise<MandateStatus> {
  if (status === 'ended') return 'ended';
  const age = clock.now() - Number(createdAt);
  const known = await cashfree().getSubscription(id).catch(ignoreNotFound);
  // We died before Cashfree heard of it, or are just about to tell it.
  if (!known) return age > openMs ? 'ended' : status;
  const theirs = readMandateStatus(known);
  if (theirs) return theirs;
  if (status !== 'open' || age <= (isAtBank(known) ? bankMs : openMs)) return status;
  await cashfree().cancelSubscription(id);
  return 'ended';
}

/** A status only goes forward: what has ended stays so. */
async function setStatus(id: string, to: MandateStatus): Promise<void> {
  try {
    await database()
      .billingMandate.patch({ id })
      .set({ status: to })
      .where(({ status }, { ne }) => ne(status, 'ended'))
      .go();
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
  }
}

/** The same for the customer who comes back from the checkout; nobody else's mandate is shown. */
export async function confirmOwnMandate(account: Account, id: string): Promise<MandateStatus> {
  const { data } = await database().billingMandate.get({ id }).go({ consistent: true });
  const status = data?.accountId === account.id ? await confirmMandate(id) : 'unknown';
  if (status !== 'unknown') return status;
  throw new AppError('not_found', 'There is no such mandate.', { param: 'mandate_id' });
}

/** The customer wants no automatic payments any more; the plan goes on until it has to be paid. */
export async function cancelMandate(account: Account): Promise<void> {
  const { mandate } = await readBilling(account);
  if (!mandate) throw new AppError('conflict', 'There are no automatic payments to switch off.');
  await cancelAtCashfree(cashfree(), mandate.id);
  await confirmMandate(mandate.id);
}
