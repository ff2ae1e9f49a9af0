import { adminSupportChannel } from '@nebula/contract/realtime';
import { beforeAll, describe, expect, test } from 'vitest';
import { call } from '../support/callers.ts';
import {
  begin,
  type Customer,
  newCustomer,
  newOperator,
  post,
  reply,
} from '../support/conversations.ts';
import { noteEvents, pageOf } from '../support/realtime.ts';

let customer: Customer;
let stranger: Customer;
let operator: Customer;
beforeAll(async () => {
  [customer, stranger, operator] = await Promise.all([newCustomer(), newCustomer(), newOperator()]);
});

test('the conversations of a customer are read page by page, each once, the last written into first', async () => {
  const person = await newCustomer();
  const ids: string[] = [];
  for (let at = 0; at < 5; at += 1) ids.unshift(await begin(person.as));
  const oldest = ids.pop() ?? '';
  await post(person.as, oldest, { text: 'still there?' });
  await reply(operator.as, oldest, { text: 'yes' });
  const found: string[] = [];
  for (let next = ''; ; ) {
    const path = `/conversations?limit=2${next && `&starting_after=${next}`}`;
    const { json } = await call('GET', path, person.as);
    found.push(...json.data.map(({ id }: { id: string }) => id));
    // What is unread is counted over all pages.
    expect(json.unread).toBe(1);
    expect(json.data.length).toBeLessThanOrEqual(2);
    if (!json.has_more) break;
    next = json.next_cursor;
  }
  expect(found).toEqual([oldest, ...ids]);
});

describe('the support', () => {
  test('finds a conversation by its subject, page by page', async () => {
    const word = `subject${Date.now()}`;
    const ids = [];
    for (const number of [1, 2, 3])
      ids.unshift(await begin(customer.as, { subject: `${word.toUpperCase()} ${number}` }));
    const path = `/admin/conversations?q=${word}&limit=2`;
    const first = await call('GET', path, operator.as);
    const rest = await call('GET', `${path}&cursor=${first.json.next_cursor}`, operator.as);
    const found = [...first.json.data, ...rest.json.data];
    expect(found.map(({ id }) => id)).toEqual(ids);
    expect(rest.json.next_cursor).toBeNull();
    const closed = await call('GET', `${path}&status=closed`, operator.as);
    expect(closed.json.data).toEqual([]);
  });

  test('finds a conversation by what either side has written, and the customer too; by a note alone the support cannot', async () => {
    const person = await newCustomer();
    const word = (name: string) => `${name}${Date.now()}`;
    const [asked, answered, noted] = [word('Asked'), word('Answered'), word('Noted')];
    const id = await begin(person.as, { message: `It says ${asked} here` });
    await begin(person.as);
    await reply(operator.as, id, { text: `Then try ${answered}.` });
    await reply(operator.as, id, { text: noted, is_private: true });
    const found = async (path: string, as: Customer['as']) =>
      (await call('GET', path, as)).json.data.map((each: { id: string }) => each.id);
    for (const text of [asked.toLowerCase(), answered]) {
      expect(await found(`/conversations?q=${text}`, person.as)).toEqual([id]);
      expect(await found(`/admin/conversations?status=pending&q=${text}`, operator.as)).toEqual([
        id,
      ]);
      expect(await found(`/conversations?q=${text}`, stranger.as)).toEqual([]);
    }
    expect(await found(`/conversations?q=${noted}`, person.as)).toEqual([]);
    expect(await found(`/admin/conversations?status=pending&q=${noted}`, operator.as)).toEqual([]);
  });

  test('is seen by the others when somebody comes or goes', async () => {
    const second = await newOperator();
    const page = pageOf(second.as);
    try {
      const heard = await noteEvents(page, adminSupportChannel, ['admin.presence']);
      const here = async (is_here: boolean) =>
        (await call('POST', '/admin/operators/presence', operator.as, { is_here })).json.data.map(
          ({ id }: { id: string }) => id,
        );
      const said = () =>
        heard.filter((each) => each.operator_id === operator.id).map(({ is_here }) => is_here);
      expect(await here(true)).toContain(operator.id);
      expect(await here(true)).toContain(operator.id);
      const listed = await call('GET', '/admin/operators', second.as);
      expect(listed.json.data).toContainEqual(
        expect.objectContaining({ id: operator.id, object: 'operator', name: 'Test' }),
      );
      expect(await here(false)).not.toContain(operator.id);
      // Once for each change, however often it is said.
      await expect.poll(said, { timeout: 30_000 }).toEqual([true, false]);
      expect((await call('GET', '/admin/operators', customer.as)).status).toBe(403);
    } finally {
      page.close();
    }
  });
});
