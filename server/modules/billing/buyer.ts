import type { Buyer } from '@nebula/contract/gst';
import { clock } from '../../platform/clock.ts';
import type { Account } from '../account/service.ts';
import { seller } from './provider.ts';
import { changeBilling, loadBilling, regimeOf } from './store.ts';

/** Who the next invoice of an account is for, and which GST it carries. */
export async function readBuyer(account: Account) {
  const { buyer, regime } = (await loadBilling(account, seller())).state;
  return { buyer: buyer ?? null, tax: regime };
}

/** From now on invoices are for this buyer; those that were issued stay as they are. */
export async function nameBuyer(account: Account, buyer: Buyer) {
  const regime = regimeOf(seller(), buyer);
  const event = { type: 'buyer_named', at: clock.now(), buyer, regime } as const;
  await changeBilling(account, seller(), event);
  return readBuyer(account);
}
