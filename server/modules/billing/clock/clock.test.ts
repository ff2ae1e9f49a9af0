import { type PlanId, planIds, plans } from '@nebula/contract/plans';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { applyEvent } from './apply.ts';
import { cycleMs } from './cycle.ts';
import { previewChange } from './preview.ts';
import { refundablePaise } from './refund.ts';
import {
  type BillingEffect,
  type BillingEvent,
  type BillingRecord,
  type BillingState,
  type Outcome,
  openBilling,
} from './state.ts';

/** How many timelines are tried of each guarantee. */
const numRuns = Number(process.env.BILLING_TIMELINES ?? 10_000);
const start = Date.UTC(2026, 0, 31, 23, 59, 59, 700);
const paidPlan = fc.constantFrom<PlanId>('pro', 'enterprise');
const anyPlan = fc.constantFrom(...planIds);
const milliseconds = (days: number) => fc.integer({ min: 0, max: days * 86_400_000 });

/** What people, the scheduler and the bank may do. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: milliseconds(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: milliseconds(75) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('choose' as const), plan: anyPlan }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('upgrade' as const),
      plan: paidPlan,
      delay: fc.oneof(fc.integer({ min: 0, max: 20 * 60_000 }), milliseconds(40)),
      off: fc.constantFrom(0, 0, 0, 0, 1, -1),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('charge' as const), isPaid: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('allow' as const, 'withdraw' as const),
      nth: fc.nat(3),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('refund' as const), nth: fc.nat(9), part: fc.nat(100) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('dispute' as const),
      nth: fc.nat(9),
      part: fc.integer({ min: 1, max: 100 }),
      status: fc.constantFrom('open' as const, 'open' as const, 'won' as const, 'lost' as const),
      stage: fc.nat(4),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('replay' as const), nth: fc.nat(99) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

type Upgrade = { at: number; price: number; old: number; end: number; isPaid: boolean };

/** Runs a timeline and keeps all that came out of it. */
function live(steps: readonly Step[], regime: BillingState['regime'] = 'cgst_sgst') {
  const opened = openBilling('acc', start, regime);
  const world = {
    state: opened.state,
    now: start,
    records: [...opened.records] as BillingRecord[],
    effects: [] as BillingEffect[],
    events: [] as BillingEvent[],
    replays: [] as { before: BillingState; outcome: Outcome }[],
    upgrades: [] as Upgrade[],
  };
  const apply = (event: BillingEvent) => {
    const outcome = applyEvent(world.state, event);
    world.state = outcome.state;
    world.records.push(...outcome.records);
    world.effects.push(...outcome.effects);
    world.events.push(event);
  };
  let ids = 0;
  for (const one of steps) {
    if (one.do === 'wait') world.now += one.ms;
    apply({ type: 'tick', at: world.now });
    if (one.do === 'choose') apply({ type: 'plan_chosen', at: world.now, plan: one.plan });
    if (one.do === 'charge') {
      const charge = world.effects.findLast((effect) => effect.type === 'charge');
      if (!charge) continue;
      const { amount, attempt, extra, invoiceId } = charge;
      ids += 1;
      if (one.isPaid)
        apply({ type: 'payment_succeeded', at: world.now, id: `p${ids}`, amount, invoiceId });
      else apply({ type: 'charge_failed', at: world.now, invoiceId, attempt, extra });
    }
    if (one.do === 'allow') apply({ type: 'mandate_allowed', at: world.now, id: `m${one.nth}` });
    if (one.do === 'withdraw') apply({ type: 'mandate_ended', at: world.now, id: `m${one.nth}` });
    if (one.do === 'upgrade') {
      const { cycle } = world.state;
      const preview = previewChange(world.state, one.plan, world.now);
      if (preview.kind !== 'now') continue;
      world.now += one.delay;
      const { quote } = preview;
      const amount = quote.charge + one.off;
      ids += 1;
      apply({ type: 'payment_succeeded', at: world.now, id: `p${ids}`, amount, quote });
      const isDone = world.state.payments[`p${ids}`]?.invoiceId !== undefined;
      const isInTime = world.now < cycle.end && world.now <= quote.validUntil;
      expect(isDone).toBe(one.off === 0 && isInTime);
      if (!isDone) continue;
      const { price } = quote;
      const old = plans[cycle.plan].pricePaise;
      world.upgrades.push({ at: quote.at, price, old, end: cycle.end, isPaid: isDone });
      expect(world.state.payments[`p${ids}`]?.amount).toBe(quote.charge);
      expect(world.state.cycle).toMatchObject({ plan: one.plan, start: quote.at });
    }
    if (one.do === 'refund') {
      const paymentId = Object.keys(world.state.payments)[one.nth];
      if (!paymentId) continue;
      const most = refundablePaise(world.state, paymentId);
      const amount = Math.ceil((most * one.part) / 100);
      ids += 1;
      const at = world.now;
      apply({ type: 'refunded', at, id: `r${ids}`, paymentId, amount });
    }
    if (one.do === 'dispute') {
      const { nth, part, stage, status } = one;
      const [paymentId, payment] = Object.entries(world.state.payments)[nth] ?? [];
      if (!paymentId || !payment) continue;
      const amount = Math.ceil((payment.amount * part) / 100);
      const told = { id: `d-${paymentId}`, paymentId, amount, stage, status, reason: 'none' };
      apply({ type: 'dispute_told', at: world.now, ...told });
    }
    if (one.do === 'replay') {
      const event = world.events[one.nth % Math.max(1, world.events.length)];
      if (!event) continue;
      world.replays.push({ before: world.state, outcome: applyEvent(world.state, event) });
    }
  }
  return world;
}

const timeline = fc.array(step, { maxLength: 60 });
const check = (property: (world: ReturnType<typeof live>) => void) =>
  fc.assert(
    fc.property(timeline, (steps) => property(live(steps))),
    { numRuns },
  );
const only = <T extends BillingRecord['type']>(records: BillingRecord[], type: T) =>
  records.filter((record): record is Extract<BillingRecord, { type: T }> => record.type === type);

it('cycles follow each other without gap or overlap, and none is longer than 30 days', () => {
  check(({ records, state }) => {
    const ended = only(records, 'cycle_ended').map(({ cycle }) => cycle);
    let at = Math.floor(start / 1000) * 1000;
    for (const [index, cycle] of [...ended, state.cycle].entries()) {
      expect(cycle.index).toBe(index);
      expect(cycle.start).toBe(at);
      expect(cycle.end - cycle.start).toBeGreaterThanOrEqual(0);
      expect(cycle.end - cycle.start).toBeLessThanOrEqual(cycleMs);
      expect(cycle.end % 1000).toBe(0);
      at = cycle.end;
    }
    expect(state.cycle.end).toBeGreaterThan(state.clock);
  });
});

it('a paid cycle has one invoice of exactly its price, a free one none', () => {
  check(({ records, state }) => {
    const invoices = only(records, 'invoice').map(({ invoice }) => invoice);
    const paid = only(records, 'cycle_started').filter(({ cycle }) => cycle.plan !== 'free');
    expect(invoices.map(({ id }) => id)).toEqual(paid.map(({ cycle }) => `acc-${cycle.index}`));
    for (const { cycle, lines, total } of invoices) {
      const { cgst, igst, sgst, taxable } = lines[0].split;
      expect(total).toBe(plans[cycle.plan].pricePaise);
      expect(taxable + cgst + sgst + igst).toBe(total);
      expect(cgst).toBe(sgst);
    }
    expect(Object.keys(state.invoices)).toHaveLength(invoices.length);
  });
});

it('an upgrade credits the unused seconds to the paisa and charges the rest', () => {
  check(({ records, upgrades, state }) => {
    const credits = only(records, 'credit_note').filter(({ note }) => note.reason === 'upgrade');
    const amounts = credits.map(({ note }) => BigInt(note.split.total));
    const refunded =
      state.disputes !== undefined ||
      only(records, 'credit_note').some(({ note }) => note.reason === 'refund');
    const due = upgrades
      .map(({ at, end, old }) => {
        const doubled = 2n * BigInt(old) * BigInt((end - at) / 1000);
        return (doubled + 2_592_000n) / (2n * 2_592_000n);
      })
      .filter((amount) => amount > 0n);
    // A refund or a dispute before the upgrade may leave less to credit, never more.
    if (!refunded) expect(amounts).toEqual(due);
    else expect(amounts.length).toBeLessThanOrEqual(due.length);
    for (const { credited, total } of Object.values(state.invoices)) {
      expect(credited).toBeLessThanOrEqual(total);
    }
  });
});

it('every ledger entry sums to zero, and so do the books; nothing is owed but the open invoice', () => {
  check(({ effects, records, state }) => {
    const entries = only(records, 'ledger').map(({ entry }) => entry);
    const totals: Record<string, number> = {};
    for (const { lines } of entries) {
      expect(lines.reduce((sum, { amount }) => sum + amount, 0)).toBe(0);
      for (const { account, amount } of lines) {
        expect(Number.isSafeInteger(amount)).toBe(true);
        totals[account] = (totals[account] ?? 0) + amount;
      }
    }
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
    const keys = effects.map(({ key, type }) => `${type}:${key}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(Object.values(totals).reduce((sum, amount) => sum + amount, 0)).toBe(0);
    const open = state.dunning ? state.invoices[state.dunning.invoiceId] : undefined;
    expect(totals.receivable ?? 0).toBe(open ? open.total - open.credited : 0);
    const payments = Object.values(state.payments);
    const held = payments.reduce((sum, { amount, refunded }) => sum + amount - refunded, 0);
    expect(totals.bank ?? 0).toBe(held);
  });
});

it('a dispute that was lost takes its money back once, and all of it ends the plan that it paid for', () => {
  check(({ records, state }) => {
    const disputes = Object.values(state.disputes ?? {});
    const taken = only(records, 'ledger').filter(
      ({ entry }) => entry.subject.startsWith('dsp_') && entry.kind !== 'credit_note',
    );
    const lost = disputes.filter(({ status }) => status === 'lost');
    expect(taken.map(({ entry }) => entry.subject).toSorted()).toEqual(
      lost.map(({ id }) => `dsp_${id}`).toSorted(),
    );
    for (const { entry } of taken) {
      const { amount = 0 } = lost.find(({ id }) => entry.subject === `dsp_${id}`) ?? {};
      const ofBank = entry.lines.find(({ account }) => account === 'bank');
      expect(ofBank?.amount).toBe(-amount);
    }
    for (const { amount, paymentId } of lost) {
      const payment = state.payments[paymentId];
      const isWhole = payment?.amount === amount;
      if (isWhole) expect(payment.invoiceId).not.toBe(`acc-${state.cycle.index}`);
    }
  });
});

it('an event that comes again changes nothing', () => {
  check(({ replays }) => {
    for (const { before, outcome } of replays) {
      expect(outcome).toEqual({ state: before, records: [], effects: [] });
    }
  });
});

it('an invoice is charged one attempt at a time, at most five times in turn, and never when paid', () => {
  check(({ effects, records }) => {
    const keys = effects.filter(({ type }) => type === 'charge').map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { invoice } of only(records, 'invoice')) {
      const own = effects.filter(
        (effect) =>
          effect.type === 'charge' && effect.invoiceId === invoice.id && effect.extra === undefined,
      );
      expect(own.map((effect) => effect.type === 'charge' && effect.attempt)).toEqual(
        own.map((_, attempt) => attempt),
      );
      expect(own.length).toBeLessThanOrEqual(5);
    }
  });
});

it('a mandate that is over is charged no more, and none outlives the last paid cycle', () => {
  check(({ effects, state }) => {
    const ended = new Set<string>();
    for (const effect of effects) {
      if (effect.type === 'end_mandate') {
        expect(ended).not.toContain(effect.mandateId);
        ended.add(effect.mandateId);
      }
      if (effect.type === 'charge' && effect.mandateId) {
        expect(ended).not.toContain(effect.mandateId);
      }
    }
    expect(state.endedMandates ?? []).not.toContain(state.mandate?.id);
    if (state.cycle.plan === 'free') expect(state.mandate).toBeUndefined();
  });
});

it('how often the scheduler looks changes no cycle of an account that pays nothing', () => {
  fc.assert(
    fc.property(fc.array(milliseconds(50), { maxLength: 20 }), (waits) => {
      const moments = waits.toSorted((a, b) => a - b).map((ms) => start + ms);
      const tick = (state: BillingState, at: number) =>
        applyEvent(state, { type: 'tick', at }).state;
      const last = moments.at(-1) ?? start;
      const { state } = openBilling('acc', start);
      expect(moments.reduce(tick, state)).toEqual(tick(state, last));
    }),
    { numRuns },
  );
});
