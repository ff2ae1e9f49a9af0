import { billing, type Customer, control } from './billing.ts';

/** The bank questions the first payment of an account. @returns the id of the dispute */
export async function raise(account: Customer, facts: object = {}): Promise<string> {
  const { payments } = await billing.readBilling(account);
  const cf_payment_id = Object.keys(payments)[0]?.split('/')[1];
  return raiseOf({ cf_payment_id, ...facts });
}

/** The bank questions any payment. */
export const raiseOf = async (body: object) =>
  (await control<{ dispute_id: string }>('/disputes', body)).dispute_id;

/** The bank says how a dispute goes on. */
export const decide = (id: string, status: string, type?: string) =>
  control(`/disputes/${id}`, { status, type });
