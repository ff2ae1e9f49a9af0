import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  booksOf,
  buy,
  type Customer,
  click,
  control,
  customer,
  planOf,
  post,
  restoreBilling,
} from '../support/billing.ts';

const buyers = 20;
const events = Number(process.env.STORM_EVENTS ?? 5_000);
const atOnce = 25;

/** A number between 0 and 1, the same at every run: what fails can be tried again. */
function createRandom(seed: number) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
const random = createRandom(7);
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

type Order = { account: Customer; orderId: string; url: string };
type Sent = { webhooks: { type: string; body: string }[] };

/** Orders of which every other one is paid; nobody has heard of it yet. */
let paid: Order[];
let unpaid: Order[];
let genuine: string[];

beforeAll(async () => {
  await control('/rules', { hold_webhooks: true });
  const orders: Order[] = [];
  for (let index = 0; index < buyers; index++) {
    const account = await customer();
    const { orderId, url } = await buy(account, 'pro');
    orders.push({ account, orderId, url });
    // A first attempt fails, or its bank is slow: its news comes among the others.
    await click(url, pick(['failed', 'dropped']));
    if (index % 2 === 0) await click(url, 'success');
  }
  paid = orders.filter((_, index) => index % 2 === 0);
  unpaid = orders.filter((_, index) => index % 2 === 1);
  const { webhooks } = await control<Sent>('/state');
  const isOurs = ({ body }: { body: string }) =>
    orders.some(({ orderId }) => body.includes(orderId));
  genuine = webhooks.filter(isOurs).map(({ body }) => body);
});
afterAll(restoreBilling);

/** Something that Cashfree may send, often again, or that somebody else makes up. */
function nextEvent(): { body: string; isForged: boolean; send: () => Promise<Response> } {
  const body = pick(genuine);
  const kind = random();
  if (kind < 0.3) return { body, isForged: false, send: () => post(body) };
  // Rightly signed, but what it says is not so: it is a hint of where to look, and no more.
  const swapped = body.replaceAll(/ord_[0-9A-Z]+/g, pick(unpaid).orderId);
  if (kind < 0.4) return { body: swapped, isForged: false, send: () => post(swapped) };
  if (kind < 0.7) return { body, isForged: true, send: () => post(swapped, { secret: 'guessed' }) };
  const more = `${body} `;
  return { body: more, isForged: true, send: () => post(more, { secret: '' }) };
}

test('5,000 webhooks shuffled, duplicated and forged: no wrong grant, and none is missed', async () => {
  expect(genuine.length).toBeGreaterThanOrEqual(buyers + paid.length);
  const due = Array.from({ length: events }, nextEvent);
  // Whatever the draw was, each genuine one is among them.
  for (const body of genuine) due.push({ body, isForged: false, send: () => post(body) });
  due.sort(() => random() - 0.5);
  const wrong: number[] = [];
  const work = async () => {
    for (let one = due.pop(); one; one = due.pop()) {
      const { status } = await one.send();
      if (one.isForged ? status !== 401 : status !== 200 && status !== 503) wrong.push(status);
      // Cashfree comes again after anything but success.
      if (!one.isForged && status !== 200) due.unshift(one);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  expect(wrong).toEqual([]);
  for (const { account } of paid) {
    expect(await planOf(account)).toBe('pro');
    const { documents, kinds, sum } = await booksOf(account);
    expect([documents.length, kinds('payment'), sum('bank')]).toEqual([1, 1, 149_900]);
  }
  for (const { account } of unpaid) {
    expect(await planOf(account)).toBe('free');
    expect((await booksOf(account)).documents).toEqual([]);
  }
}, 300_000);
