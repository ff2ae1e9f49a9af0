import type { World } from './orders.ts';
import {
  attemptPayment,
  findOrder,
  finishPayment,
  type Outcome,
  outcomes,
  paymentsOf,
} from './orders.ts';
import type { Order, Payment, Subscription } from './store.ts';
import { authorise } from './subscriptions.ts';

export type Session = { order: Order } | { subscription: Subscription };

export function findSession(world: World, id: string): Session | undefined {
  const { orders, subscriptions } = world.store.state;
  const order = Object.values(orders).find(({ payment_session_id }) => payment_session_id === id);
  if (order) return { order: findOrder(world, order.order_id) };
  const all = Object.values(subscriptions);
  const subscription = all.find(({ subscription_session_id }) => subscription_session_id === id);
  return subscription && { subscription };
}

/**
 * Does what was clicked, and says where the browser goes next: back to the shop, or nowhere when the
 * shop named no address.
 */
export function decide(world: World, session: Session, form: URLSearchParams): string | undefined {
  const outcome = outcomes.find((one) => one === form.get('outcome')) ?? 'dropped';
  if ('subscription' in session) {
    const { subscription } = session;
    authorise(world, subscription, outcome);
    return fill(subscription.return_url, { subscription_id: subscription.subscription_id });
  }
  const { order } = session;
  const method = form.get('method') === 'card' ? 'card' : 'upi';
  pay(world, order, outcome, method);
  return fill(order.return_url, { order_id: order.order_id });
}

/** An attempt that waits for its bank is finished by the next decision; else there is a new one. */
function pay(world: World, order: Order, outcome: Outcome, method: Payment['method']): void {
  const waiting = paymentsOf(world, order).find(({ status }) => status === 'PENDING');
  if (waiting && outcome !== 'pending') finishPayment(world, order, waiting, outcome);
  else attemptPayment(world, order, outcome, method);
}

function fill(url: string | null, values: Record<string, string>): string | undefined {
  const named = Object.entries(values);
  const put = (text: string, [name, value]: [string, string]) =>
    text.replaceAll(`{${name}}`, value);
  return url === null ? undefined : named.reduce(put, url);
}

/** The page that a person, or a browser test, clicks through. */
export function checkoutPage(world: World, session: Session): string {
  if ('subscription' in session) return mandatePage(session.subscription);
  const { order } = session;
  const waiting = paymentsOf(world, order).some(({ status }) => status === 'PENDING');
  const isOpen = order.status === 'ACTIVE';
  const state = isOpen && waiting ? 'Your bank has not answered yet.' : closedText[order.status];
  const choice = `<fieldset><legend>Pay with</legend>
    <label><input type="radio" name="method" value="upi" checked> UPI</label>
    <label><input type="radio" name="method" value="card"> Card</label></fieldset>`;
  const buttons: [Outcome, string][] = [
    ['success', waiting ? 'Bank confirms' : 'Pay'],
    ['failed', waiting ? 'Bank declines' : 'Pay, and the bank declines'],
    ...(waiting ? [] : [['pending', 'Pay, and the bank does not answer yet'] as [Outcome, string]]),
    ['dropped', 'Leave without paying'],
  ];
  return page(
    `Pay ${rupees(order.amount)}`,
    `<p class="amount">${rupees(order.amount)}</p><dl>${row('Order', order.order_id)}${row('For', order.note ?? '')}
    ${row('Customer', order.customer.customer_email ?? order.customer.customer_phone)}</dl>
    ${state ? `<p role="status">${state}</p>` : ''}${isOpen ? form(choice, buttons) : ''}`,
  );
}

const closedText: Record<Order['status'], string> = {
  ACTIVE: '',
  PAID: 'This order is paid.',
  EXPIRED: 'This order has expired. Go back to the shop and start again.',
  TERMINATED: 'This order was withdrawn.',
};

function mandatePage(subscription: Subscription): string {
  const { plan, status } = subscription;
  const isOpen = status === 'INITIALIZED' || status === 'BANK_APPROVAL_PENDING';
  const buttons: [Outcome, string][] = [
    ['success', 'Allow'],
    ['failed', 'Allow, and the bank declines'],
    ['pending', 'Allow, and the bank does not answer yet'],
    ['dropped', 'Leave without allowing'],
  ];
  const closed = `<p role="status">This mandate is ${status.toLowerCase()}.</p>`;
  return page(
    'Allow automatic payments',
    `<p class="amount">up to ${rupees(plan.max_amount)}</p>
    <dl>${row('Mandate', subscription.subscription_id)}${row('Plan', plan.plan_name)}</dl>
    ${isOpen ? form('', buttons) : closed}`,
  );
}

function form(fields: string, buttons: [Outcome, string][]): string {
  const all = buttons.map(
    ([outcome, label]) =>
      `<button name="outcome" value="${outcome}" data-outcome="${outcome}">${label}</button>`,
  );
  return `<form method="post">${fields}${all.join('')}</form>`;
}

function row(name: string, value: string): string {
  return value ? `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>` : '';
}

function rupees(paise: number): string {
  return `₹${(paise / 100).toLocaleString('en-IN', { minimumFractionDigits: 2 })}`;
}

const style = `
  :root { color-scheme: light dark; --page: light-dark(#fbfbfd, #0d0d12); --surface: light-dark(#fff, #15151c);
    --line: light-dark(#e4e4ec, #2b2b37); --ink: light-dark(#16161d, #f1f1f6); --soft: light-dark(#5d5d6e, #a8a8ba); --accent: light-dark(#5145cd, #a39bff) }
  * { box-sizing: border-box }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
  main { width: min(420px, 100%); padding: 28px; background: var(--surface); border: 1px solid var(--line); border-radius: 16px }
  h1 { margin: 0; font-size: 18px } .soft { margin: 4px 0 0; color: var(--soft); font-size: 13px }
  .amount { margin: 20px 0 8px; font-size: 32px; font-weight: 650; font-variant-numeric: tabular-nums }
  dl { display: grid; grid-template-columns: auto 1fr; gap: 4px 16px; margin: 0 } dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
  fieldset { display: flex; gap: 20px; margin: 20px 0 4px; padding: 0; border: 0 } legend { margin-bottom: 4px; color: var(--soft) }
  form { margin-top: 16px } button { display: block; width: 100%; margin-top: 10px; padding: 11px; font: inherit; color: inherit; background: none; border: 1px solid var(--line); border-radius: 10px; cursor: pointer }
  button:first-of-type { border-color: var(--accent); color: var(--accent); font-weight: 600 } button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
`;

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${style}</style><main><h1>Test checkout</h1><p class="soft">A stand-in on this machine. No money moves.</p>${body}</main></html>`;
}

/** What the browser sees when the shop gave no address to go back to, or something went wrong. */
export function messagePage(text: string): string {
  return page('Test checkout', `<p role="status">${escapeHtml(text)}</p>`);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
