import type { Paise } from './money.ts';
import type { TaxSplit } from './tax.ts';

/**
 * The accounts of the books. `bank` is what the payment provider holds for us, `receivable` what
 * customers owe, `unapplied` money that paid for nothing and goes back, `loss` what a bank took back
 * beyond the invoice.
 */
export type LedgerAccount =
  | 'bank'
  | 'receivable'
  | 'unapplied'
  | 'loss'
  | 'revenue'
  | 'cgst'
  | 'sgst'
  | 'igst';

/** One movement: debits are positive, credits negative, and the lines add up to zero. */
export type LedgerEntry = {
  /** Made from what caused it, so that writing it twice is writing it once. */
  id: string;
  at: number;
  kind: 'invoice' | 'credit_note' | 'payment' | 'unapplied_payment' | 'refund' | 'unapplied_refund';
  /** Invoice, credit note, payment or refund that it books. */
  subject: string;
  lines: { account: LedgerAccount; amount: Paise }[];
};

type Source = Pick<LedgerEntry, 'at' | 'kind' | 'subject'>;

/** Books a sale (`sign` 1) or takes it back (`sign` -1). */
export function bookSale(source: Source, split: TaxSplit, sign: 1 | -1): LedgerEntry {
  return entry(source, {
    receivable: sign * split.total,
    revenue: -sign * split.taxable,
    cgst: -sign * split.cgst,
    sgst: -sign * split.sgst,
    igst: -sign * split.igst,
  });
}

/** Books money that moves between the bank and another account. */
export function bookMoney(
  source: Source,
  amount: Paise,
  against: 'receivable' | 'unapplied',
): LedgerEntry {
  return entry(source, { bank: amount, [against]: -amount });
}

/** Books money that went back; what the other account does not cover is a loss. */
export function bookReturn(
  source: Source,
  { amount, covered }: { amount: Paise; covered: Paise },
  against: 'receivable' | 'unapplied',
): LedgerEntry {
  return entry(source, { bank: -amount, [against]: covered, loss: amount - covered });
}

function entry(source: Source, amounts: Partial<Record<LedgerAccount, Paise>>): LedgerEntry {
  const lines = Object.entries(amounts)
    .filter(([, amount]) => amount !== 0)
    .map(([account, amount]) => ({ account: account as LedgerAccount, amount }));
  const sum = lines.reduce((total, { amount }) => total + amount, 0);
  if (sum !== 0) throw new Error(`ledger entry ${source.subject} is off by ${sum} paise`);
  return { id: `${source.kind}:${source.subject}`, ...source, lines };
}
