import { type Paise, shareOf } from './money.ts';

/** GST on software services, in per cent; inside a state half of it is central, half the state's. */
export const gstPercent = 18;

/** Which GST a sale carries: inside the seller's state, across states, or none at all. */
export type TaxRegime = 'cgst_sgst' | 'igst' | 'none';

/** An amount that the customer pays, taken apart; the four parts add up to `total`. */
export type TaxSplit = { total: Paise; taxable: Paise; cgst: Paise; sgst: Paise; igst: Paise };

/** Who sells and where the buyer is, as two-digit GST state codes. */
export type TaxParties = { sellerGstin?: string; buyerStateCode?: string };

/**
 * The regime of a sale. A seller without a GSTIN charges no GST; a buyer who named no state is
 * taken to be in the seller's, which is what the law presumes of a consumer without an address.
 */
export function taxRegime({ buyerStateCode, sellerGstin }: TaxParties): TaxRegime {
  if (!sellerGstin) return 'none';
  const sellerState = sellerGstin.slice(0, 2);
  return (buyerStateCode ?? sellerState) === sellerState ? 'cgst_sgst' : 'igst';
}

/** Takes the tax out of a price that includes it. CGST and SGST are always the same. */
export function splitTax(total: Paise, regime: TaxRegime): TaxSplit {
  const gross = 100 + gstPercent;
  const half = regime === 'cgst_sgst' ? shareOf(total, gstPercent, 2 * gross) : 0;
  const igst = regime === 'igst' ? shareOf(total, gstPercent, gross) : 0;
  return { total, taxable: total - 2 * half - igst, cgst: half, sgst: half, igst };
}

/**
 * The split of one more credit on an invoice of which `before` is credited already. It is taken as a
 * difference, so that credits up to the whole invoice give back exactly its tax, however many.
 */
export function splitCredit(amount: Paise, before: Paise, regime: TaxRegime): TaxSplit {
  const [from, to] = [splitTax(before, regime), splitTax(before + amount, regime)];
  return {
    total: amount,
    taxable: to.taxable - from.taxable,
    cgst: to.cgst - from.cgst,
    sgst: to.sgst - from.sgst,
    igst: to.igst - from.igst,
  };
}
