import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '@nebula/contract/errors';
import type { Buyer } from '@nebula/contract/gst';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { type Account, findAccount, forgetAccount } from '../account/service.ts';
import { type AuditEvent, type AuditSource, auditRow, systemSource } from '../audit/service.ts';
import { applyEvent } from './clock/apply.ts';
import { attemptDueAt, lapseDueAt } from './clock/dunning.ts';
import { documentNumber, financialYear } from './clock/invoice.ts';
import {
  type BillingEvent,
  type BillingRecord,
  type BillingState,
  type Outcome,
  openBilling,
} from './clock/state.ts';
import { taxRegime } from './clock/tax.ts';

type Stored = { state: BillingState; version: number };

/** Whose billing it is: an account, or what is left to know of one that was deleted. */
export type Holder = Pick<Account, 'cycleAnchor' | 'email' | 'id' | 'name'> & { isGone?: true };

/** Money of a deleted account may still come, and has to go back: its books go on. */
export async function findHolder(id: string): Promise<Holder> {
  const account = await findAccount(id);
  return account ?? { id, name: '', email: '', cycleAnchor: clock.now(), isGone: true };
}

/** Who sells; without a GSTIN there is no GST. */
export type Seller = { name: string; address?: string; gstin?: string };

/** The two sides of an invoice as they were when it was issued, whatever becomes of them later. */
export type Parties = {
  seller: Seller;
  buyer: { name: string; email: string; details?: Buyer };
};

const attempts = 8;

/** Milliseconds as text that sorts. */
export const sortable = (at: number) => String(at).padStart(15, '0');

/** The billing of an account as it is stored; one that never bought anything is on Free. */
export async function loadBilling(holder: Holder, seller: Seller): Promise<Stored> {
  const { cycleAnchor, id, isGone } = holder;
  const { data } = await database().billing.get({ accountId: id }).go({ consistent: true });
  if (data) {
    const state = JSON.parse(data.state) as BillingState;
    // A seller who is registered later charges GST from the next invoice on.
    const regime = regimeOf(seller, state.buyer);
    return { state: { ...state, regime, isOfNobody: isGone }, version: data.version };
  }
  const { state } = openBilling(id, cycleAnchor, regimeOf(seller));
  return { state: { ...state, isOfNobody: isGone }, version: 0 };
}

/** Of a plan that nobody pays for. */
export const givenPlan = () =>
  new AppError(
    'conflict',
    'The plan of this account was given by the operator and is not billed here.',
  );

/** The place of supply is the state of the buyer; one who has named none is in the seller's. */
export const regimeOf = (seller: Seller, buyer?: Buyer) =>
  taxRegime({ sellerGstin: seller.gstin, buyerStateCode: buyer?.state });

/**
 * Applies an event and stores everything that follows from it, all or nothing. Whoever loses a race
 * reads again and applies again, so that two schedulers or two webhooks have the effect of one.
 *
 * @param source who is noted where the plan changes, or the next one; time and payments are nobody's
 */
export async function changeBilling(
  holder: Holder,
  seller: Seller,
  event: BillingEvent,
  source = systemSource,
): Promise<Outcome> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const stored = await loadBilling(holder, seller);
    const outcome = applyEvent(stored.state, event);
    if (isSame(stored.state, outcome)) return outcome;
    if (await commit(stored, outcome, { holder, seller, source })) {
      await forgetAccount(holder.id);
      return outcome;
    }
    await delay(10 * 2 ** attempt * Math.random());
  }
  throw new AppError('unavailable', 'The account is being changed. Try again.', {
    retryAfterSeconds: 1,
  });
}

/** Time alone is not worth a write. */
function isSame(before: BillingState, { effects, records, state }: Outcome): boolean {
  const timeless = (one: BillingState) => JSON.stringify({ ...one, clock: 0 });
  return effects.length + records.length === 0 && timeless(before) === timeless(state);
}

const partiesOf = ({ email, name }: Holder, seller: Seller, { buyer }: BillingState): Parties => ({
  seller,
  buyer: { name, email, ...(buyer ? { details: buyer } : {}) },
});

/** What of a change belongs into the log of the account. */
function auditedChanges(before: BillingState, after: BillingState): AuditEvent[] {
  const { accountId } = after;
  const told = { accountId, targetId: accountId };
  const events: AuditEvent[] = newRefunds(before, after).map((refund) => ({
    ...told,
    action: 'subscription.refunded',
    after: refund,
  }));
  const [plan, next] = [after.cycle.plan, after.pendingPlan];
  if (plan !== before.cycle.plan)
    events.push({
      ...told,
      action: 'account.plan_changed',
      before: { plan: before.cycle.plan },
      after: { plan },
    });
  else if (next !== before.pendingPlan)
    events.push({
      ...told,
      action: next === 'free' ? 'subscription.canceled' : 'subscription.changed',
      before: { next_plan: before.pendingPlan ?? plan },
      after: { next_plan: next ?? plan },
    });
  return events;
}

/** What an operator has ordered to go back. */
const newRefunds = (before: BillingState, after: BillingState) =>
  Object.entries(after.payments).flatMap(([payment, { ordered = {} }]) =>
    Object.entries(ordered)
      .filter(([refund]) => before.payments[payment]?.ordered?.[refund] === undefined)
      .map(([refund, amount]) => ({ refund, payment, amount })),
  );

async function commit(
  { state: before, version }: Stored,
  { effects, records, state }: Outcome,
  { holder, seller, source }: { holder: Holder; seller: Seller; source: AuditSource },
): Promise<boolean> {
  const { accountId, cycle } = state;
  const documents = await numberDocuments(records, partiesOf(holder, seller, state));
  const due = dueAt(state);
  const hasNewPlan = before.cycle.plan !== cycle.plan;
  const createdAt = sortable(clock.now());
  const { canceled } = await database()
    .transaction.write((rows) => [
      rows.billing
        .put({
          accountId,
          state: JSON.stringify(state),
          version: version + 1,
          queue: due === undefined ? 'idle' : 'due',
          dueAt: sortable(due ?? 0),
        })
        .where((is, { eq, notExists }) =>
          version === 0 ? notExists(is.version) : eq(is.version, version),
        )
        .commit(),
      ...(holder.isGone
        ? []
        : [
            rows.account
              .patch({ id: accountId })
              // A plan that was given stays until one is bought.
              .set({ cycleAnchor: cycle.start, ...(hasNewPlan ? { plan: cycle.plan } : {}) })
              .commit(),
          ]),
      ...documents.series.map(({ before, last, series, year }) =>
        rows.documentSeries
          .put({ series, year, last })
          .where((is, { eq, notExists }) =>
            before === 0 ? notExists(is.last) : eq(is.last, before),
          )
          .commit(),
      ),
      ...documents.rows.map((row) => rows.billingDocument.create({ accountId, ...row }).commit()),
      ...records.flatMap((record) =>
        record.type === 'ledger'
          ? [rows.ledgerEntry.create({ accountId, ...record.entry }).commit()]
          : [],
      ),
      ...auditedChanges(before, state).map((event) =>
        rows.auditEvent.create(auditRow(source, event)).commit(),
      ),
      ...effects.map((effect) =>
        rows.billingEffect
          .create({
            accountId,
            key: `${effect.type}:${effect.key}`,
            status: 'pending',
            effect: JSON.stringify(effect),
            eventId: newId('msg'),
            createdAt,
          })
          .commit(),
      ),
    ])
    .go();
  return !canceled;
}

/** When this account has to be looked at again although nothing happens to it. */
function dueAt(state: BillingState): number | undefined {
  const { cycle, dunning } = state;
  if (cycle.plan === 'free') return undefined;
  if (!dunning) return cycle.end;
  return dunning.isCharging ? lapseDueAt(state) : attemptDueAt(dunning);
}

type Series = { series: 'INV' | 'CRN'; year: string; before: number; last: number };

/** Gives the new documents the next numbers of their series; the commit fails if they are taken. */
async function numberDocuments(records: readonly BillingRecord[], parties: Parties) {
  const series = new Map<string, Series>();
  const rows: {
    id: string;
    kind: 'invoice' | 'credit_note';
    number: string;
    content: string;
    issuedAt: number;
  }[] = [];
  for (const record of records) {
    if (record.type !== 'invoice' && record.type !== 'credit_note') continue;
    // A credit note has the sides of its invoice.
    const content = record.type === 'invoice' ? { ...record.invoice, parties } : record.note;
    const { id, issuedAt } = content;
    const name = record.type === 'invoice' ? 'INV' : 'CRN';
    const year = financialYear(issuedAt);
    const one = series.get(name + year) ?? (await readSeries(name, year));
    series.set(name + year, one);
    one.last += 1;
    const number = documentNumber(name, one.last, issuedAt);
    rows.push({ id, kind: record.type, number, content: JSON.stringify(content), issuedAt });
  }
  return { series: [...series.values()], rows };
}

async function readSeries(series: 'INV' | 'CRN', year: string): Promise<Series> {
  const { data } = await database().documentSeries.get({ series, year }).go({ consistent: true });
  const before = data?.last ?? 0;
  return { series, year, before, last: before };
}
