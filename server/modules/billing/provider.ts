import { AppError } from '@nebula/contract/errors';
import { env } from '../../env.ts';
import { type Cashfree, CashfreeError, createCashfree } from '../../platform/cashfree.ts';
import type { Seller } from './store.ts';

/** What effects need of the world. */
export type EffectWorld = { cashfree: Cashfree; seller: Seller };

/** Who sells, as the operator has set it. */
export const seller = (): Seller => ({
  name: env().SELLER_NAME,
  address: env().SELLER_ADDRESS,
  gstin: env().SELLER_GSTIN,
});

export const effectWorld = (): EffectWorld => ({ cashfree: cashfree(), seller: seller() });

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

const cashfreeHost = 'https://api.cashfree.com';

/** Which of its two worlds Cashfree's script is to open a session in. */
export const checkoutMode = () =>
  env().CASHFREE_API_URL.startsWith(`${cashfreeHost}/`) ? 'production' : 'sandbox';

/** Where a session is paid or allowed: our page that opens Cashfree's, or the local stand-in's own. */
export function checkoutUrl(kind: 'order' | 'mandate', sessionId: string): string {
  const { CASHFREE_CHECKOUT_URL, PUBLIC_URL } = env();
  if (CASHFREE_CHECKOUT_URL) return `${CASHFREE_CHECKOUT_URL}/${sessionId}`;
  // Behind the hash it reaches no log and no other host.
  return `${PUBLIC_URL}/dashboard/billing/checkout#${kind}=${sessionId}`;
}

/** For what Cashfree need not know yet. */
export function ignoreNotFound(error: unknown): undefined {
  if (error instanceof AppError && error.code === 'not_found') return undefined;
  throw error;
}

/** Whether asking again would be answered the same; 409 says that it is there already. */
export function isRefusal(error: unknown): boolean {
  const cause = error instanceof AppError ? error.cause : undefined;
  return (
    cause instanceof CashfreeError &&
    cause.status >= 400 &&
    cause.status < 500 &&
    ![401, 403, 408, 409, 429].includes(cause.status)
  );
}
