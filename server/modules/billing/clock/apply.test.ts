import { describe, expect, it } from 'vitest';
import { applyEvent } from './apply.ts';
import { cycleMs, dayMs } from './cycle.ts';
import { documentNumber } from './invoice.ts';
import { previewChange } from './preview.ts';
import { refundablePaise } from './refund.ts';
import { type BillingEvent, type BillingState, type Outcome, openBilling } from './state.ts';
import { splitCredit, splitTax, taxRegime } from './tax.ts';

const start = Date.UTC(2026, 0, 1);

function run(state: BillingState, ...events: BillingEvent[]): Outcome {
  const all: Outcome = { state, records: [], effects: [] };
  for (const event of events) {
    const { effects, records, state: next } = applyEvent(all.state, event);
    all.state = next;
    all.records.push(...records);
    all.effects.push(...effects);
  }
  return all;
}

/** The events of buying a plan at once. */
function buy(state: BillingState, plan: 'pro' | 'enterprise', at: number, id: string) {
  const ticked = applyEvent(state, { type: 'tick', at }).state;
  const preview = previewChange(ticked, plan, at);
  if (preview.kind !== 'now') throw new Error(`expected an upgrade, got ${preview.kind}`);
  const { quote } = preview;
  const event = { type: 'payment_succeeded', at, id, amount: quote.charge, quote } as const;
  return { quote, ...run(state, event) };
}

const onPro = () =>
  buy(openBilling('acc', start, 'igst').state, 'pro', start + dayMs, 'pay-1').state;
const renewalAt = start + dayMs + cycleMs;
const invoiceId = 'acc-2';
const tick = (at: number) => ({ type: 'tick', at }) as const;
const fail = (attempt: number, at: number) =>
  ({ type: 'charge_failed', at, invoiceId, attempt }) as const;

describe('a change of plan', () => {
  it('from Free costs the whole price and starts 30 days', () => {
    const { quote, state } = buy(openBilling('acc', start).state, 'pro', start + dayMs, 'pay-1');
    expect(quote).toMatchObject({ price: 149_900, credit: 0, charge: 149_900 });
    expect(state.cycle).toEqual({ index: 1, plan: 'pro', start: start + dayMs, end: renewalAt });
  });

  it('to a dearer plan after 10 of 30 days credits two thirds', () => {
    const { quote, state } = buy(onPro(), 'enterprise', start + 11 * dayMs, 'pay-2');
    expect(quote).toMatchObject({ credit: 99_933, charge: 999_900 - 99_933 });
    expect(state.invoices['acc-1']?.credited).toBe(99_933);
  });

  it('to a cheaper plan waits for the end of the cycle, can be undone, and costs nothing now', () => {
    const at = start + 2 * dayMs;
    expect(previewChange(onPro(), 'free', at)).toMatchObject({ kind: 'at_cycle_end', charge: 0 });
    const chosen = run(onPro(), { type: 'plan_chosen', at, plan: 'free' });
    expect(chosen.state.cycle.plan).toBe('pro');
    expect(run(chosen.state, tick(renewalAt)).state.cycle).toMatchObject({
      plan: 'free',
      start: renewalAt,
    });
    const undone = run(chosen.state, { type: 'plan_chosen', at: at + 1, plan: 'pro' });
    expect(run(undone.state, tick(renewalAt)).state.cycle.plan).toBe('pro');
  });

  it('is refused while an invoice is unpaid', () => {
    const { state } = run(onPro(), tick(renewalAt));
    expect(previewChange(state, 'enterprise', renewalAt)).toEqual({
      kind: 'refused',
      reason: 'invoice_unpaid',
      invoiceId,
    });
  });
});

describe('a renewal', () => {
  it('is invoiced and charged at the boundary, and once only by two schedulers', () => {
    const first = run(onPro(), tick(renewalAt));
    expect(first.effects.filter(({ type }) => type === 'charge')).toEqual([
      { type: 'charge', key: 'acc-2-0', invoiceId, attempt: 0, amount: 149_900 },
    ]);
    expect(first.records.filter(({ type }) => type === 'invoice')).toHaveLength(1);
    expect(applyEvent(first.state, tick(renewalAt))).toEqual({
      state: first.state,
      records: [],
      effects: [],
    });
  });

  it('that fails is tried on days 0, 1, 3, 5 and 7, and then leaves the Free limits', () => {
    let { state } = run(onPro(), tick(renewalAt));
    for (const [attempt, day] of [1, 3, 5, 7].entries()) {
      const at = renewalAt + day * dayMs;
      ({ state } = run(state, fail(attempt, at - dayMs)));
      expect(run(state, tick(at - 1)).effects).toEqual([]);
      const tried = run(state, tick(at));
      expect(tried.effects).toMatchObject([{ type: 'charge', attempt: attempt + 1 }]);
      expect(tried.state.cycle.plan).toBe('pro');
      ({ state } = tried);
    }
    const end = run(state, fail(4, renewalAt + 7 * dayMs));
    expect(end.state.cycle).toMatchObject({ plan: 'free', start: renewalAt + 7 * dayMs });
    expect(end.state.dunning).toBeUndefined();
    expect(end.effects).toMatchObject([
      { event: { name: 'payment_failed', invoiceId, attempt: 4 } },
      { event: { name: 'lapsed', invoiceId } },
      { event: { name: 'updated', plan: 'free', status: 'active' } },
    ]);
    expect(end.effects[0]).not.toHaveProperty('event.nextAttemptAt');
  });

  it('that is paid late is settled, and the failure that arrives after it changes nothing', () => {
    const failed = run(onPro(), tick(renewalAt), fail(0, renewalAt), tick(renewalAt + dayMs));
    const at = renewalAt + dayMs;
    const pay = { type: 'payment_succeeded', at, id: 'pay-2', amount: 149_900, invoiceId } as const;
    const paid = run(failed.state, pay);
    expect(paid.state.dunning).toBeUndefined();
    expect(run(paid.state, fail(1, at))).toEqual({ state: paid.state, records: [], effects: [] });
  });

  it('whose charge never answers lapses a day after the last attempt was due', () => {
    const { state } = run(onPro(), tick(renewalAt), tick(renewalAt + 60 * dayMs));
    expect(state.cycle.plan).toBe('free');
    expect(state.invoices[invoiceId]?.credited).toBe(149_900);
  });
});

describe('a mandate', () => {
  const allow = (at: number, id = 'm1') => ({ type: 'mandate_allowed', at, id }) as const;
  const end = (at: number, id = 'm1') => ({ type: 'mandate_ended', at, id }) as const;
  const charges = ({ effects }: Outcome) => effects.filter(({ type }) => type === 'charge');
  const withdrawn = ({ effects }: Outcome) =>
    effects.flatMap((effect) => (effect.type === 'end_mandate' ? [effect.mandateId] : []));

  it('is named by the charge of the renewal, once it is allowed and until it ends', () => {
    const at = start + 2 * dayMs;
    const allowed = run(onPro(), allow(at), allow(at));
    expect(charges(run(allowed.state, tick(renewalAt)))).toMatchObject([{ mandateId: 'm1' }]);
    const ended = run(allowed.state, end(at), allow(at + 1));
    expect(ended.state.mandate).toBeUndefined();
    expect(charges(run(ended.state, tick(renewalAt)))[0]).not.toHaveProperty('mandateId');
  });

  it('that takes the place of another gives the other back, also in the wrong order', () => {
    const at = start + 2 * dayMs;
    const changed = run(onPro(), allow(at), allow(at, 'm2'), allow(at, 'm1'), end(at, 'm1'));
    expect(changed.state.mandate).toEqual({ id: 'm2' });
    expect(withdrawn(changed)).toEqual(['m1']);
  });

  it('is given back when the last paid cycle has ended, and when it comes after that', () => {
    const at = start + 2 * dayMs;
    const cancel = { type: 'plan_chosen', at, plan: 'free' } as const;
    const free = run(onPro(), allow(at), cancel, tick(renewalAt), allow(renewalAt, 'm2'));
    expect(charges(free)).toEqual([]);
    expect(withdrawn(free)).toEqual(['m1', 'm2']);
    expect(free.state.mandate).toBeUndefined();
  });

  it('that is changed while past due is charged at once and takes none of the five attempts', () => {
    const failed = run(onPro(), tick(renewalAt), fail(0, renewalAt));
    const at = renewalAt + dayMs / 2;
    const changed = run(failed.state, allow(at, 'm2'));
    const [charge] = charges(changed);
    expect(charge).toMatchObject({ key: 'acc-2-x1', extra: 1, mandateId: 'm2', amount: 149_900 });
    expect(run(changed.state, fail(1, at)).state.dunning?.isCharging).toBe(true);
    const again = run(changed.state, { ...fail(1, at), extra: 1 });
    expect(again.state.dunning).toMatchObject({ attempt: 1, isCharging: false });
    const due = run(again.state, tick(renewalAt + dayMs));
    expect(charges(due)).toMatchObject([{ key: 'acc-2-1', attempt: 1 }]);
    // The failure of the one out of turn says nothing about the one in turn.
    const late = run(due.state, { ...fail(1, at), extra: 1 });
    expect(late.state.dunning).toMatchObject({ attempt: 1, isCharging: true });
    const pay = { type: 'payment_succeeded', at, id: 'm2/x', amount: 149_900, invoiceId } as const;
    const paid = run(changed.state, pay);
    expect(paid.state.dunning).toBeUndefined();
    expect(paid.effects).toMatchObject([
      { event: { name: 'paid', invoiceId } },
      { event: { name: 'updated', status: 'active' } },
    ]);
  });
});

describe('news of a subscription', () => {
  it('comes once for each change, and says when it is past due', () => {
    const renewed = run(onPro(), tick(renewalAt));
    const failed = run(renewed.state, fail(0, renewalAt), fail(0, renewalAt));
    const news = failed.effects.flatMap((effect) =>
      effect.type === 'notify' && effect.event.name === 'updated' ? [effect.event] : [],
    );
    expect(news).toEqual([
      {
        name: 'updated',
        plan: 'pro',
        status: 'past_due',
        nextPlan: 'pro',
        cycleEnd: renewalAt + cycleMs,
      },
    ]);
  });
});

describe('money', () => {
  it('that comes twice for one invoice is sent back', () => {
    const { state } = run(onPro(), tick(renewalAt));
    const at = renewalAt;
    const pay = { type: 'payment_succeeded', at, amount: 149_900, invoiceId } as const;
    const twice = run(state, { ...pay, id: 'pay-2' }, { ...pay, id: 'pay-3' });
    expect(twice.effects.filter(({ type }) => type === 'refund')).toEqual([
      { type: 'refund', key: 'return-pay-3', paymentId: 'pay-3', amount: 149_900 },
    ]);
  });

  it('for a quote of yesterday is sent back', () => {
    const { quote, state } = buy(openBilling('acc', start).state, 'pro', start, 'pay-1');
    const at = start + dayMs;
    const late = {
      type: 'payment_succeeded',
      at,
      id: 'pay-2',
      amount: quote.charge,
      quote,
    } as const;
    expect(run(state, late).effects).toMatchObject([{ type: 'refund', paymentId: 'pay-2' }]);
  });

  it('that was carried over by an upgrade is not refundable, but a dispute is booked in full', () => {
    const { state } = buy(onPro(), 'enterprise', start + 11 * dayMs, 'pay-2');
    expect(refundablePaise(state, 'pay-1')).toBe(149_900 - 99_933);
    const at = start + 12 * dayMs;
    const after = run(state, dispute('lost', at));
    expect(after.state.payments['pay-1']?.refunded).toBe(149_900);
    expect(after.state.invoices['acc-1']?.credited).toBe(149_900);
    expect(after.records).toContainEqual({
      type: 'ledger',
      entry: expect.objectContaining({
        lines: [
          { account: 'bank', amount: -149_900 },
          { account: 'receivable', amount: 149_900 - 99_933 },
          { account: 'loss', amount: 99_933 },
        ],
      }),
    });
    // The present cycle was paid by another payment.
    expect(after.state.cycle.plan).toBe('enterprise');
  });

  it('is given back by an operator once for each order, and never beyond what was paid', () => {
    const order = (id: string, amount: number) =>
      ({ type: 'refund_ordered', at: start + dayMs, id, paymentId: 'pay-1', amount }) as const;
    const first = run(onPro(), order('r-1', 100_000), order('r-1', 100_000), order('r-2', 50_000));
    expect(first.effects.filter(({ type }) => type === 'refund')).toEqual([
      { type: 'refund', key: 'r-1', paymentId: 'pay-1', amount: 100_000, refundId: 'r-1' },
    ]);
    expect(refundablePaise(first.state, 'pay-1')).toBe(49_900);
    // What is set aside is no credit for an upgrade either.
    const preview = previewChange(first.state, 'enterprise', start + dayMs);
    expect(preview).toMatchObject({ kind: 'now', quote: { credit: 49_900 } });
    const at = start + 2 * dayMs;
    const refund = { id: 'r-1', paymentId: 'pay-1', amount: 100_000, at };
    const gone = run(first.state, { ...refund, type: 'refunded' });
    expect(gone.state.payments['pay-1']).toMatchObject({ refunded: 100_000, ordered: {} });
    expect(refundablePaise(gone.state, 'pay-1')).toBe(49_900);
    const canceled = run(first.state, { ...refund, type: 'refund_canceled' });
    expect(refundablePaise(canceled.state, 'pay-1')).toBe(149_900);
    expect(run(canceled.state, order('r-1', 100_000)).effects).toEqual([]);
  });
});

const dispute = (status: 'open' | 'won' | 'lost', at: number, stage = 2) =>
  ({
    type: 'dispute_told',
    at,
    id: 'd',
    paymentId: 'pay-1',
    amount: 149_900,
    stage,
    status,
    reason: 'Not Provided',
  }) as const;

describe('a dispute', () => {
  const at = start + 2 * dayMs;

  it('holds its money while it is open, and lets go of it when it is won', () => {
    const open = run(onPro(), dispute('open', at)).state;
    expect(refundablePaise(open, 'pay-1')).toBe(0);
    expect(previewChange(open, 'enterprise', at)).toMatchObject({ quote: { credit: 0 } });
    const won = run(open, dispute('won', at));
    expect(won.records).toEqual([]);
    expect(refundablePaise(won.state, 'pay-1')).toBe(149_900);
    expect(won.state.cycle.plan).toBe('pro');
  });

  it('that is lost takes the money back with a credit note, and the plan ends', () => {
    const { effects, records, state } = run(onPro(), dispute('open', at), dispute('lost', at));
    expect(state.cycle).toMatchObject({ plan: 'free', start: at });
    expect(state.payments['pay-1']?.refunded).toBe(149_900);
    expect(records.filter(({ type }) => type === 'credit_note')).toMatchObject([
      { note: { reason: 'dispute', split: { total: 149_900 } } },
    ]);
    expect(effects.map(({ key }) => key)).toEqual([
      'dispute-d-2-open',
      'd-2-open',
      'dispute-d-2-lost',
      'acc-2-updated',
    ]);
  });

  it('only goes forward: one that was won begins again at a later stage alone, lost stays lost', () => {
    const won = run(onPro(), dispute('won', at)).state;
    expect(run(won, dispute('open', at)).state).toEqual(won);
    const again = run(won, dispute('open', at, 3)).state;
    expect(again.disputes?.d).toMatchObject({ status: 'open', stage: 3 });
    const lost = run(again, dispute('lost', at, 3)).state;
    expect(run(lost, dispute('won', at, 4), dispute('lost', at, 4)).state).toEqual(lost);
  });
});

describe('tax', () => {
  it('follows the states of seller and buyer', () => {
    expect(taxRegime({})).toBe('none');
    expect(taxRegime({ sellerGstin: '29ABCDE1234F1Z5' })).toBe('cgst_sgst');
    expect(taxRegime({ sellerGstin: '29ABCDE1234F1Z5', buyerStateCode: '27' })).toBe('igst');
  });

  it('is contained in the price', () => {
    expect(splitTax(149_900, 'igst')).toMatchObject({ taxable: 127_034, igst: 22_866 });
    expect(splitTax(149_900, 'cgst_sgst')).toMatchObject({ taxable: 127_034, cgst: 11_433 });
  });

  it('of credits in pieces is together the tax of the invoice', () => {
    const pieces = [1, 2, 49_999, 99_898];
    let [before, igst] = [0, 0];
    for (const piece of pieces) {
      igst += splitCredit(piece, before, 'igst').igst;
      before += piece;
    }
    expect(igst).toBe(splitTax(149_900, 'igst').igst);
  });
});

it('a document number changes its year at midnight of 1 April in India', () => {
  expect(documentNumber('INV', 7, Date.UTC(2026, 2, 31, 18, 29))).toBe('INV/25-26/000007');
  expect(documentNumber('INV', 7, Date.UTC(2026, 2, 31, 18, 30))).toBe('INV/26-27/000007');
});
