import { beforeAll, describe, expect, test } from 'vitest';
import { bearer, call, sessionOf } from '../support/callers.ts';
import {
  begin,
  type Customer,
  catchUp,
  newCustomer,
  newOperator,
  post,
  reply,
} from '../support/conversations.ts';
import { storePhoto } from '../support/files.ts';
import { acceptSlow } from '../support/jobs.ts';
import { expectProblem } from '../support/problem.ts';
import { newAccount } from '../support/stack.ts';

let customer: Customer;
let stranger: Customer;
let operator: Customer;
beforeAll(async () => {
  [customer, stranger, operator] = await Promise.all([newCustomer(), newCustomer(), newOperator()]);
});

const read = async (id: string, as = customer.as) =>
  (await call('GET', `/conversations/${id}`, as)).json;
const readAsOperator = async (id: string) =>
  (await call('GET', `/admin/conversations/${id}`, operator.as)).json;
const mark = (id: string, seq: number, side: 'customer' | 'operator' = 'customer') =>
  side === 'customer'
    ? call('POST', `/conversations/${id}/read`, customer.as, { seq })
    : call('POST', `/admin/conversations/${id}/read`, operator.as, { seq });

test('a subject is one line: it becomes that of a mail', async () => {
  for (const subject of [
    'One\r\nBcc: all@example.com',
    'One\nTwo',
    'a\tb',
    'a\u0000b',
    'a\u0085b',
  ]) {
    const body = { subject, message: 'Hello' };
    const refused = await call('POST', '/conversations', customer.as, body);
    const problem = expectProblem(refused, refused.text, 'invalid_input');
    expect(problem.errors).toMatchObject([
      { path: 'subject', message: expect.stringContaining('Expected one line of text.') },
    ]);
  }
});

test('a file is kept for 30 days from the message that carries it, whatever the plan says; never shorter', async () => {
  const { database } = await import('#server/database.ts');
  const { updateAccount } = await import('#server/modules/account/service.ts');
  const day = 24 * 60 * 60 * 1000;
  const untilOf = async (accountId: string, id: string) =>
    (await database().file.get({ accountId, id }).go({ consistent: true })).data;
  const free = await newCustomer();
  await updateAccount(free.id, { plan: 'free' });
  const [asked, answered] = [await storePhoto(free.id), await storePhoto(operator.id)];
  expect((await untilOf(free.id, asked.id))?.retainedUntil).toBeLessThan(Date.now() + day);
  const before = Date.now();
  const id = await begin(free.as, { file_ids: [asked.id] });
  const sent = await reply(operator.as, id, { text: 'Like this', file_ids: [answered.id] });
  expect(sent.status, sent.text).toBe(201);
  for (const [owner, file] of [[free.id, asked.id] as const, [operator.id, answered.id] as const]) {
    const row = await untilOf(owner, file);
    expect(row?.retainedUntil).toBeGreaterThanOrEqual(before + 30 * day);
    expect(row?.retainedUntil).toBeLessThanOrEqual(Date.now() + 30 * day);
    // The sweeper has nothing to do with it before it warns of its end.
    expect(Number(row?.dueAt)).toBe((row?.retainedUntil ?? 0) - day);
  }
  const retainedUntil = before + 60 * day;
  await database().file.patch({ accountId: free.id, id: asked.id }).set({ retainedUntil }).go();
  await post(free.as, id, { text: 'Again', file_ids: [asked.id] });
  expect((await untilOf(free.id, asked.id))?.retainedUntil).toBe(retainedUntil);
});

describe('messages', () => {
  test('50 that race have one order, and who catches up gets each once and in it', async () => {
    const id = await begin(customer.as);
    const sent = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        at % 2 === 0
          ? post(customer.as, id, { text: `customer ${at}` })
          : reply(operator.as, id, { text: `operator ${at}` }),
      ),
    );
    expect(sent.map(({ status }) => status)).toEqual(Array(50).fill(201));
    const messages = await catchUp(customer.as, `/conversations/${id}`);
    expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 51 }, (_, at) => at + 1));
    expect(messages.slice(1).map(({ text }) => text)).toEqual(
      sent
        .map(({ json }) => json)
        .toSorted((one, two) => one.seq - two.seq)
        .map(({ text }) => text),
    );
    expect(await catchUp(operator.as, `/admin/conversations/${id}`)).toEqual(messages);
    expect(await catchUp(customer.as, `/conversations/${id}`, { after: 40 })).toEqual(
      messages.slice(40),
    );
    const found = await readAsOperator(id);
    expect([(await read(id)).unread, found.conversation.unread]).toEqual([25, 26]);
  });

  test('one that is sent again with its client_id is stored once', async () => {
    const id = await begin(customer.as);
    const input = { text: 'only once', client_id: 'from-this-page-1' };
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => post(customer.as, id, input)),
    );
    expect(new Set(replies.map(({ json }) => json.seq))).toEqual(new Set([2]));
    const later = await post(customer.as, id, input);
    expect(later.json.seq).toBe(2);
    expect(await catchUp(customer.as, `/conversations/${id}`)).toHaveLength(2);
    const byOperator = await reply(operator.as, id, input);
    expect(byOperator.json.seq).toBe(3);
  });

  test('a conversation that is begun again with its client_id is begun once', async () => {
    const person = await newCustomer();
    const input = { client_id: 'begun-on-this-page' };
    const ids = await Promise.all(Array.from({ length: 6 }, () => begin(person.as, input)));
    expect(new Set(ids).size).toBe(1);
    const { json } = await call('GET', '/conversations', person.as);
    expect(json.data).toHaveLength(1);
  });

  test('the newest come first where nothing is said, and older ones before them', async () => {
    const id = await begin(customer.as);
    for (const text of ['two', 'three', 'four']) await post(customer.as, id, { text });
    const newest = await call('GET', `/conversations/${id}/messages?limit=2`, customer.as);
    expect(newest.json).toMatchObject({ data: [{ seq: 3 }, { seq: 4 }], has_more: true });
    const older = await call('GET', `/conversations/${id}/messages?before=3`, customer.as);
    expect(older.json).toMatchObject({ data: [{ seq: 1 }, { seq: 2 }], has_more: false });
  });
});

describe('what was read', () => {
  test('counts stay exact while both sides write and read at once', async () => {
    const id = await begin(customer.as);
    await Promise.all(
      Array.from({ length: 30 }, (_, at) => {
        if (at % 3 === 0) return reply(operator.as, id, { text: `answer ${at}` });
        if (at % 3 === 1) return post(customer.as, id, { text: `question ${at}` });
        return mark(id, at, at % 2 === 0 ? 'customer' : 'operator');
      }),
    );
    const { conversation } = await readAsOperator(id);
    const messages = await catchUp(operator.as, `/admin/conversations/${id}`);
    const { customer: mine, operator: theirs } = conversation.marks;
    const writtenAfter = (by: string, seq: number) =>
      messages.filter((message) => message.by === by && message.seq > seq).length;
    expect(conversation.unread).toBe(writtenAfter('customer', theirs.read_seq));
    expect((await read(id)).unread).toBe(writtenAfter('operator', mine.read_seq));
    const all = await mark(id, 1_000);
    expect(all.json).toMatchObject({ unread: 0, marks: { customer: { read_seq: 21 } } });
  });

  test('a mark never moves back, and delivered is not yet read', async () => {
    const id = await begin(customer.as);
    for (const text of ['one', 'two', 'three']) await reply(operator.as, id, { text });
    const path = `/conversations/${id}/read`;
    const delivered = await call('POST', path, customer.as, { seq: 4, mark: 'delivered' });
    expect(delivered.json).toMatchObject({
      unread: 3,
      marks: { customer: { delivered_seq: 4, read_seq: 0 } },
    });
    await mark(id, 3);
    const late = await mark(id, 2);
    expect(late.json).toMatchObject({ unread: 1, marks: { customer: { read_seq: 3 } } });
  });
});

describe('nobody gets at a conversation of somebody else', () => {
  test('neither to read nor to write, to mark, to type or to open a file', async () => {
    const id = await begin(customer.as);
    const file = `fil_${'0'.repeat(26)}`;
    const before = await read(id);
    const tries = [
      call('GET', `/conversations/${id}`, stranger.as),
      call('GET', `/conversations/${id}/messages`, stranger.as),
      post(stranger.as, id, { text: 'hello' }),
      post(bearer(stranger.key), id, { text: 'hello' }),
      call('POST', `/conversations/${id}/read`, stranger.as, { seq: 1 }),
      call('POST', `/conversations/${id}/typing`, stranger.as),
      call('GET', `/conversations/${id}/messages/1/files/${file}`, stranger.as),
    ];
    for (const refused of await Promise.all(tries)) expect(refused.status).toBe(404);
    expect(await read(id)).toEqual(before);
    const listed = await call('GET', '/conversations', stranger.as);
    expect(listed.json.data.map((each: { id: string }) => each.id)).not.toContain(id);
  });

  test.each(['private', 'presence'])('nor to hear of it on its %s channel', async (kind) => {
    const id = await begin(customer.as);
    const input = { socket_id: '1.1', channel_name: `${kind}-conversation-${id}` };
    const join = async (as: Record<string, string>, body = input) =>
      (await call('POST', '/realtime/auth', as, body)).status;
    expect(await join(customer.as)).toBe(200);
    expect(await join(operator.as)).toBe(200);
    expect(await join(stranger.as)).toBe(403);
    expect(await join(bearer(customer.key))).toBe(403);
    const unknown = `${kind}-conversation-cnv_${'0'.repeat(26)}`;
    expect(await join(operator.as, { ...input, channel_name: unknown })).toBe(403);
  });
});

describe('a hostile message', () => {
  test('is from whoever is signed in, whatever it says of its sender', async () => {
    const id = await begin(customer.as);
    for (const forged of [
      { by: 'operator' },
      { side: 'operator' },
      { is_private: true },
      { author: { id: operator.id, role: 'admin' } },
      { user_id: operator.id },
    ]) {
      const refused = await post(customer.as, id, { text: 'I am the support', ...forged });
      expectProblem(refused, refused.text, 'invalid_input');
    }
    const answered = await reply(customer.as, id, { text: 'I am the support' });
    expectProblem(answered, answered.text, 'forbidden');
    const plain = await post(customer.as, id, { text: 'I am the customer' });
    expect(plain.json).toMatchObject({ by: 'customer' });
    expect(await catchUp(customer.as, `/conversations/${id}`)).toHaveLength(2);
  });

  test('stays the text that it is, whether HTML or Markdown, and is not rendered', async () => {
    const id = await begin(customer.as);
    const beacons = [
      '<img src="https://beacon.example/x.png" onerror="alert(1)">',
      '![x](https://beacon.example/x.png)',
      '[click](javascript:alert(1))',
    ];
    for (const text of beacons) expect((await post(customer.as, id, { text })).status).toBe(201);
    const seen = await catchUp(operator.as, `/admin/conversations/${id}`);
    expect(seen.slice(1).map(({ text }) => text)).toEqual(beacons);
  });

  test('of 10 MB is refused, and nothing of it is stored', async () => {
    const id = await begin(customer.as);
    const refused = await post(customer.as, id, { text: 'x'.repeat(10_000_000) });
    expectProblem(refused, refused.text, 'invalid_input');
    const larger = await post(customer.as, id, { text: 'x'.repeat(11_000_000) });
    expect([413, 422]).toContain(larger.status);
    expect(await catchUp(customer.as, `/conversations/${id}`)).toHaveLength(1);
  });

  // CHAT_FLOOD=1000 for what a machine can send.
  const flooded = Number(process.env.CHAT_FLOOD ?? 100);

  test('among a flood of them is answered with 429, and the conversation is whole', async () => {
    const { id: floodId } = await newAccount({ plan: 'free', scopes: ['support:write'] });
    const flooder = await sessionOf(floodId);
    const id = await begin(flooder);
    const flood = await Promise.all(
      Array.from({ length: flooded }, (_, at) => post(flooder, id, { text: `${at}` })),
    );
    const stored = flood.filter(({ status }) => status === 201);
    const refused = flood.filter(({ status }) => status === 429);
    expect(stored.length + refused.length).toBe(flooded);
    expect(refused.length).toBeGreaterThan(flooded / 2);
    for (const each of refused) expectProblem(each, each.text, 'rate_limited');
    const whole = await catchUp(operator.as, `/admin/conversations/${id}`);
    expect(whole).toHaveLength(stored.length + 1);
  });

  test('of the support goes to the conversation that it names alone', async () => {
    const [mine, other] = [await begin(customer.as), await begin(stranger.as)];
    await reply(operator.as, mine, { text: 'for one alone' });
    const texts = async (as: Customer['as'], id: string) =>
      (await catchUp(as, `/conversations/${id}`)).map(({ text }) => text);
    expect(await texts(customer.as, mine)).toContain('for one alone');
    expect(await texts(stranger.as, other)).not.toContain('for one alone');
    const nowhere = await reply(operator.as, `cnv_${'0'.repeat(26)}`, { text: 'x' });
    expectProblem(nowhere, nowhere.text, 'not_found');
    const own = await call('POST', `/conversations/${other}/messages`, operator.as, { text: 'x' });
    expectProblem(own, own.text, 'not_found');
  });
});

describe('what a message carries', () => {
  test('a file of another account is refused', async () => {
    const id = await begin(customer.as);
    const foreign = await storePhoto(stranger.id);
    const refused = await post(customer.as, id, { text: 'look', file_ids: [foreign.id] });
    expectProblem(refused, refused.text, 'not_found');
    expect(await catchUp(customer.as, `/conversations/${id}`)).toHaveLength(1);
  });

  test('an own file can be opened by both sides, by way of its message alone', async () => {
    const id = await begin(customer.as);
    const [{ id: fileId }, other] = await Promise.all([
      storePhoto(customer.id),
      storePhoto(customer.id),
    ]);
    const sent = await post(customer.as, id, { text: 'look', file_ids: [fileId] });
    expect(sent.json.files).toMatchObject([{ id: fileId, filename: 'fixture.png', type: 'png' }]);
    const mine = await call('GET', `/conversations/${id}/messages/2/files/${fileId}`, customer.as);
    const path = `/admin/conversations/${id}/messages/2/files`;
    const theirs = await call('GET', `${path}/${fileId}`, operator.as);
    for (const { json } of [mine, theirs]) expect((await fetch(json.url)).status).toBe(200);
    expect((await call('GET', `${path}/${other.id}`, operator.as)).status).toBe(404);
  });

  test('a job is seen by the support once its owner has sent it, and not before', async () => {
    const job = await acceptSlow(customer.key, 10);
    const id = await begin(customer.as);
    const before = await call('GET', `/admin/conversations/${id}/messages`, operator.as);
    expect(before.text).not.toContain(job.id);
    await post(customer.as, id, { text: 'this one', job_id: job.id });
    const after = await call('GET', `/admin/conversations/${id}/messages`, operator.as);
    expect(after.json.data[1].job).toMatchObject({
      id: job.id,
      tool: 'html-to-pdf',
      input: { files: [] },
      error: null,
    });
    const theft = await post(stranger.as, await begin(stranger.as), {
      text: 'and this?',
      job_id: job.id,
    });
    expectProblem(theft, theft.text, 'not_found');
  });

  test('of the options neither secrets nor the queries of addresses are shown', async () => {
    const { withoutSecrets } = await import('#server/modules/support/attach.ts');
    const shown = withoutSecrets({
      password: 'a',
      auth: { token: 'b', user: 'kept' },
      url: 'https://user:pass@example.com/a?signature=c',
      headers: { 'x-any': 'd' },
      html: 'x'.repeat(600),
      width: 320,
    });
    expect(shown).toEqual({
      password: '[removed]',
      auth: { token: '[removed]', user: 'kept' },
      url: 'https://example.com/a',
      headers: '[removed]',
      html: `${'x'.repeat(500)}… (600 characters)`,
      width: 320,
    });
  });
});

describe('the support', () => {
  test('leaves notes that the customer sees nowhere', async () => {
    const id = await begin(customer.as);
    const before = await read(id);
    const note = await reply(operator.as, id, { text: 'a difficult one', is_private: true });
    expect(note.json.is_private).toBe(true);
    expect({ ...(await read(id)), updated_at: '' }).toEqual({ ...before, updated_at: '' });
    expect(await catchUp(customer.as, `/conversations/${id}`)).toHaveLength(1);
    expect(await catchUp(operator.as, `/admin/conversations/${id}`)).toHaveLength(2);
    await reply(operator.as, id, { text: 'an answer' });
    const seen = await catchUp(customer.as, `/conversations/${id}`);
    expect(seen.map(({ text }) => text)).toEqual(['Hello', 'an answer']);
    expect((await read(id)).unread).toBe(1);
  });

  test('moves a conversation between its states, and a customer opens it again', async () => {
    const id = await begin(customer.as);
    const state = async () => (await read(id)).status;
    expect(await state()).toBe('open');
    await reply(operator.as, id, { text: 'an answer' });
    expect(await state()).toBe('pending');
    const path = `/admin/conversations/${id}`;
    await call('PATCH', path, operator.as, { status: 'closed', assignee_id: operator.id });
    expect(await read(id)).toMatchObject({ status: 'closed', assignee: 'Test' });
    await post(customer.as, id, { text: 'not yet' });
    expect(await state()).toBe('open');
    const wrong = await call('PATCH', path, operator.as, { assignee_id: customer.id });
    expectProblem(wrong, wrong.text, 'invalid_input');
    await call('PATCH', path, operator.as, { assignee_id: null });
    expect((await read(id)).assignee).toBeNull();
  });

  test('sees plan and last calls of the customer', async () => {
    const { conversation, customer: found } = await readAsOperator(await begin(customer.as));
    expect(found).toMatchObject({ id: customer.id, plan: 'enterprise', name: 'Test' });
    expect(conversation.account.id).toBe(customer.id);
    expect(found.quota.remaining).toBeLessThanOrEqual(found.quota.limit);
  });

  test('keeps replies ready', async () => {
    const canned = '/admin/canned-replies';
    const title = `Greeting ${Date.now()}`;
    const made = await call('POST', canned, operator.as, { title, text: 'Good day' });
    const path = `${canned}/${made.json.id}`;
    const changed = await call('PATCH', path, operator.as, { text: 'Good evening' });
    expect(changed.json).toMatchObject({ title, text: 'Good evening' });
    const listed = await call('GET', canned, operator.as);
    expect(listed.json.data).toContainEqual(changed.json);
    expect((await call('DELETE', path, operator.as)).status).toBe(200);
    expect((await call('DELETE', path, operator.as)).status).toBe(404);
  });
});
