import { AppError } from '@nebula/contract/errors';
import { env } from '../../env.ts';
import { type Cashfree, createCashfree } from '../../platform/cashfree.ts';
import { type TaxRegime, taxRegime } from './clock/tax.ts';

/** What effects need of the world. */
export type EffectWorld = { cashfree: Cashfree; regime: TaxRegime };

/** The regime of a buyer who has named no state. */
export const regime = (): TaxRegime => taxRegime({ sellerGstin: env().SELLER_GSTIN });

export const effectWorld = (): EffectWorld => ({ cashfree: cashfree(), regime: regime() });

let client: Cashfree | undefined;

/** @throws AppError `unavailable` where no account of Cashfree is configured */
export function cashfree(): Cashfree {
  const { CASHFREE_API_URL, CASHFREE_API_VERSION, CASHFREE_CLIENT_ID, CASHFREE_CLIENT_SECRET } =
    env();
  if (!CASHFREE_CLIENT_ID || !CASHFREE_CLIENT_SECRET) {
    throw new AppError('unavailable', 'Payments are not set up on this server.');
  }
  client ??= createCashfree({
    baseUrl: CASHFREE_API_URL,
    apiVersion: CASHFREE_API_VERSION,
    clientId: CASHFREE_CLIENT_ID,
    clientSecret: CASHFREE_CLIENT_SECRET,
  });
  return client;
}

/** For what Cashfree need not know yet. */
export function ignoreNotFound(error: unknown): undefined {
  if (error instanceof AppError && error.code === 'not_found') return undefined;
  throw error;
}
