import { plans } from '@nebula/contract/plans';
import type { Cycle } from './cycle.ts';
import type { Paise } from './money.ts';
import { splitCredit, splitTax, type TaxRegime, type TaxSplit } from './tax.ts';

/** Services Accounting Code of what is sold: hosting and provisioning of IT infrastructure. */
export const sacCode = '998315';

/** A tax invoice for one cycle; its number is given by the book that stores it. */
export type Invoice = {
  /** `<account>-<cycle index>`: a second invoice for the same cycle cannot be stored. */
  id: string;
  issuedAt: number;
  cycle: Cycle;
  regime: TaxRegime;
  lines: [{ description: string; sac: string; split: TaxSplit }];
  total: Paise;
};

/** Takes back a part of an invoice. */
export type CreditNote = {
  id: string;
  invoiceId: string;
  issuedAt: number;
  reason: 'upgrade' | 'refund' | 'dispute' | 'unpaid';
  split: TaxSplit;
};

export function issueInvoice(
  accountId: string,
  cycle: Cycle,
  issuedAt: number,
  regime: TaxRegime,
): Invoice {
  const plan = plans[cycle.plan];
  const split = splitTax(plan.pricePaise, regime);
  const description = `NebulaAPI ${plan.name}, 30 days`;
  return {
    id: `${accountId}-${cycle.index}`,
    issuedAt,
    cycle,
    regime,
    lines: [{ description, sac: sacCode, split }],
    total: split.total,
  };
}

type Credit = Pick<CreditNote, 'id' | 'issuedAt' | 'reason'> & { amount: Paise; before: Paise };

export function issueCreditNote(
  invoice: { id: string; regime: TaxRegime },
  { amount, before, ...note }: Credit,
): CreditNote {
  return { ...note, invoiceId: invoice.id, split: splitCredit(amount, before, invoice.regime) };
}

const indiaMs = 5.5 * 3_600_000;

/**
 * The number of a document: series, financial year (April to March, in India), place in the series.
 * GST allows at most 16 characters, hence six digits.
 *
 * @example documentNumber('INV', 42, Date.UTC(2026, 4, 1)) // 'INV/26-27/000042'
 */
export function documentNumber(series: 'INV' | 'CRN', sequence: number, at: number): string {
  if (sequence < 1 || sequence > 999_999) throw new Error(`series ${series} is full: ${sequence}`);
  return `${series}/${financialYear(at)}/${String(sequence).padStart(6, '0')}`;
}

/** The Indian financial year of a moment, as `26-27`; a series starts again with each. */
export function financialYear(at: number): string {
  const day = new Date(at + indiaMs);
  const start = day.getUTCFullYear() - (day.getUTCMonth() < 3 ? 1 : 0);
  return `${String(start % 100).padStart(2, '0')}-${String((start + 1) % 100).padStart(2, '0')}`;
}
