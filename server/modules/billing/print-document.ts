import { type GstState, gstStateCodes, gstStates } from '@nebula/contract/gst';
import type { TaxSplit } from './clock/tax.ts';
import type { BillingDocument } from './invoices.ts';
import type { Parties } from './store.ts';

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const asText = (text: string) => text.replace(/[&<>"]/g, (sign) => escapes[sign] ?? sign);

/** Paise as rupees: `₹1,499.00`. */
export const rupees = (paise: number): string =>
  new Intl.NumberFormat('en-IN', { style: 'currency', currency: 'INR' }).format(paise / 100);

const day = (milliseconds: number) =>
  new Intl.DateTimeFormat('en-IN', { dateStyle: 'long', timeZone: 'Asia/Kolkata' }).format(
    milliseconds,
  );

/** The invoice that a document is, or that a credit note belongs to. */
export type InvoiceToPrint = { number: string; parties: Parties };

/** An invoice or a credit note as HTML; what people wrote is text in it. */
export function printDocument(
  document: BillingDocument,
  { number: invoiceNumber, parties: { buyer, seller } }: InvoiceToPrint,
): string {
  const { issuedAt, kind, number } = document;
  const isInvoice = kind === 'invoice';
  const title = isInvoice ? (seller.gstin ? 'Tax invoice' : 'Invoice') : 'Credit note';
  const { details } = buyer;
  const supplyState = details?.state ?? stateOf(seller.gstin);
  const facts: [string, string][] = [
    ['Number', number],
    ['Date', day(issuedAt)],
    isInvoice ? ['Period', periodOf(document.content.cycle)] : ['For invoice', invoiceNumber],
    ...(seller.gstin && supplyState
      ? ([
          ['Place of supply', `${gstStates[supplyState]} (${supplyState})`],
          ['Reverse charge', 'No'],
        ] as [string, string][])
      : []),
  ];
  const [what, sac, split] = isInvoice
    ? [
        document.content.lines[0].description,
        document.content.lines[0].sac,
        document.content.lines[0].split,
      ]
    : [reasons[document.content.reason], '', document.content.split];
  const from = [seller.name, seller.address, seller.gstin && `GSTIN ${seller.gstin}`];
  const to = [
    details?.legal_name ?? buyer.name,
    details?.address,
    details && gstStates[details.state],
    details?.gstin && `GSTIN ${details.gstin}`,
    buyer.email,
  ];
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${asText(`${title} ${number}`)}</title>
<style>${look}</style></head><body>
<header><strong>NebulaAPI</strong><h1>${title}</h1></header>
<section class="parties"><div><h2>From</h2><p>${asLines(from)}</p></div><div><h2>Billed to</h2><p>${asLines(to)}</p></div>
<dl>${facts.map(([name, value]) => `<dt>${name}</dt><dd>${asText(value)}</dd>`).join('')}</dl></section>
<table><thead><tr><th>What</th>${sac ? '<th>SAC</th>' : ''}<th class="amount">Amount</th></tr></thead>
<tbody><tr><td>${asText(what)}</td>${sac ? `<td>${sac}</td>` : ''}<td class="amount">${rupees(split.taxable)}</td></tr></tbody>
<tfoot>${sumsOf(split)
    .map(([name, paise]) => row(name, paise, sac !== ''))
    .join('')}</tfoot></table>
<p class="note">${isInvoice ? 'Prices include GST where it applies.' : 'This amount was taken back from the invoice.'} Made by computer; valid without a signature.</p>
</body></html>`;
}

const stateOf = (gstin: string | undefined): GstState | undefined =>
  gstStateCodes.find((code) => gstin?.startsWith(code));

const asLines = (lines: readonly (string | null | undefined)[]) =>
  lines
    .flatMap((line) => line?.split('\n') ?? [])
    .map(asText)
    .join('<br>');

const reasons = {
  upgrade: 'The rest of the cycle before, at the change of plan',
  refund: 'Refund',
  dispute: 'Disputed payment',
  unpaid: 'Invoice that was not paid',
};

const periodOf = ({ end, start }: { start: number; end: number }) => `${day(start)} to ${day(end)}`;

function sumsOf({ cgst, igst, sgst, total }: TaxSplit): [string, number][] {
  const taxes: [string, number][] = [
    ['CGST 9 %', cgst],
    ['SGST 9 %', sgst],
    ['IGST 18 %', igst],
  ];
  return [...taxes.filter(([, paise]) => paise !== 0), ['Total', total]];
}

const row = (name: string, paise: number, hasSac: boolean) =>
  `<tr><th scope="row"${hasSac ? ' colspan="2"' : ''}>${name}</th><td class="amount">${rupees(paise)}</td></tr>`;

const look = `
body { font: 11pt/1.5 'Liberation Sans', Arial, sans-serif; color: #16161d; margin: 0; }
header { display: flex; justify-content: space-between; align-items: baseline; border-bottom: 2px solid #5145cd; padding-bottom: 8pt; }
header strong { color: #5145cd; font-size: 13pt; }
h1 { font-size: 18pt; margin: 0; }
h2 { font-size: 9pt; text-transform: uppercase; letter-spacing: .06em; color: #5d5d6e; margin: 0; }
.parties { display: flex; justify-content: space-between; gap: 24pt; margin: 20pt 0 28pt; }
.parties p { margin: 4pt 0 0; }
dl { display: grid; grid-template-columns: auto auto; gap: 2pt 14pt; margin: 0; font-size: 10pt; }
dt { color: #5d5d6e; } dd { margin: 0; text-align: right; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; padding: 7pt 4pt; border-bottom: 1px solid #e4e4ec; }
thead th { font-size: 9pt; color: #5d5d6e; }
tfoot th { text-align: right; font-weight: normal; }
tfoot tr:last-child > * { font-weight: bold; border-bottom: 0; }
.amount { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.note { color: #5d5d6e; font-size: 9pt; margin-top: 24pt; }
`;
