import { AppError } from '@nebula/contract/errors';
import { database } from '../../database.ts';
import { readCursor, signCursor } from '../../platform/cursor.ts';
import { runTool } from '../../platform/media-service.ts';
import type { Spool } from '../../platform/spool.ts';
import type { Account } from '../account/service.ts';
import type { ToolRun } from '../tool-run/service.ts';
import type { CreditNote, Invoice } from './clock/invoice.ts';
import { type InvoiceToPrint, printDocument } from './print-document.ts';
import { seller } from './provider.ts';
import type { Parties } from './store.ts';

/** An invoice or a credit note as it was issued; it never changes. */
export type BillingDocument = { id: string; number: string; issuedAt: number } & (
  | { kind: 'invoice'; content: Invoice & { parties?: Parties } }
  | { kind: 'credit_note'; content: CreditNote }
);

const printMilliseconds = 30_000;

/** Invoices and credit notes of an account, the newest first; there are a few for each cycle. */
export async function listDocuments(
  accountId: string,
  { cursor, limit }: { cursor?: string; limit: number },
): Promise<{ rows: BillingDocument[]; nextCursor?: string }> {
  const list = `invoices:${accountId}`;
  const last = cursor === undefined ? undefined : readCursor(list, cursor);
  const { data } = await database().billingDocument.query.byAccount({ accountId }).go({
    pages: 'all',
  });
  const all = data.sort((a, b) => b.issuedAt - a.issuedAt || (b.number < a.number ? -1 : 1));
  const from = last === undefined ? 0 : all.findIndex(({ id }) => id === last) + 1;
  const rows = all.slice(from, from + limit);
  const end = all.length > from + limit ? rows.at(-1) : undefined;
  return { rows: rows.map(toDocument), nextCursor: end && signCursor(list, end.id) };
}

/** @throws AppError `not_found` for one that is missing or belongs to somebody else */
export async function findDocument(accountId: string, id: string): Promise<BillingDocument> {
  const { data } = await database().billingDocument.get({ accountId, id }).go({ consistent: true });
  if (!data) throw new AppError('not_found', 'There is no such invoice.');
  return toDocument(data);
}

/** The document as PDF, by the product's own html-to-pdf; the account is charged nothing for it. */
export async function printPdf(
  account: Account,
  document: BillingDocument,
  { requestId, signal, spool }: { requestId: string; signal: AbortSignal; spool: Spool },
): Promise<ToolRun> {
  const invoice =
    document.kind === 'credit_note'
      ? await findDocument(account.id, document.content.invoiceId)
      : document;
  const { files, ...result } = await runTool({
    tool: 'html-to-pdf',
    requestId,
    accountId: account.id,
    options: {
      html: printDocument(document, invoiceToPrint(invoice, account)),
      page_size: 'A4',
    },
    mode: 'live',
    files: [],
    timeoutMs: printMilliseconds,
    folder: await spool.folder(),
    signal,
  });
  const filename = `${document.number.replaceAll('/', '-')}.pdf`;
  return { units: 0, files: files.map((file) => ({ ...file, filename })), result };
}

/** One of before the sides were kept has those of today. */
export function invoiceToPrint(
  { content, number }: BillingDocument,
  { email, name }: Pick<Account, 'email' | 'name'>,
): InvoiceToPrint {
  const parties = 'parties' in content ? content.parties : undefined;
  return { number, parties: parties ?? { seller: seller(), buyer: { name, email } } };
}

type Stored = {
  id: string;
  kind: 'invoice' | 'credit_note';
  number: string;
  content: string;
  issuedAt: number;
};

const toDocument = ({ content, id, issuedAt, kind, number }: Stored): BillingDocument =>
  ({ id, kind, number, issuedAt, content: JSON.parse(content) }) as BillingDocument;
