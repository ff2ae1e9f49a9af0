import { beforeAll, describe, expect, test } from 'vitest';
import { bearer, type Credentials, call, sessionOf } from '../support/callers.ts';
import { mailsTo, mailTo } from '../support/mails.ts';
import { login, registered } from '../support/people.ts';
import { expectProblem } from '../support/problem.ts';
import { leaveCalls } from '../support/quota.ts';
import { newAccount, postForm } from '../support/stack.ts';

const notification = () => import('#server/modules/notification/service.ts');
const link = '/dashboard' as const;

let id: string;
let me: Credentials;
beforeAll(async () => {
  id = (await newAccount({ plan: 'pro' })).id;
  me = await sessionOf(id);
});

async function tell(accountId: string, group: string, title = group): Promise<void> {
  const { notifyAccount } = await notification();
  await notifyAccount(accountId, 'key.created', { title, text: 'x', link, group });
}

const list = async (as: Credentials, query = '') =>
  (await call('GET', `/notifications${query}`, as)).json;

describe('an inbox', () => {
  test('is read page by page, the newest first, and loses nothing', async () => {
    const own = (await newAccount({ plan: 'pro' })).id;
    const as = await sessionOf(own);
    for (let at = 0; at < 7; at++) await tell(own, `group ${at}`);
    // What happens again is news again.
    await tell(own, 'group 2');
    const found: string[] = [];
    for (let cursor = ''; cursor !== 'end'; ) {
      const { data, next_cursor } = await list(as, `?limit=3${cursor && `&cursor=${cursor}`}`);
      expect(data.length).toBeLessThanOrEqual(3);
      found.push(...data.map(({ title }: { title: string }) => title));
      cursor = next_cursor ?? 'end';
    }
    expect(found).toEqual([2, 6, 5, 4, 3, 1, 0].map((at) => `group ${at}`));
  });

  test('counts what comes again within the hour, exactly, and however many come at once', async () => {
    const own = (await newAccount({ plan: 'pro' })).id;
    const as = await sessionOf(own);
    await Promise.all(Array.from({ length: 30 }, () => tell(own, 'the same')));
    const { data, unread } = await list(as);
    // The hour may have turned in between.
    const count = data.reduce((sum: number, each: { count: number }) => sum + each.count, 0);
    expect(count).toBe(30);
    expect(unread).toBe(data.length);
  });

  test('knows what is read; what comes again is unread again', async () => {
    await tell(id, 'first');
    await tell(id, 'second');
    const before = await list(me);
    expect(before.unread).toBe(2);
    const first = before.data.find(({ title }: { title: string }) => title === 'first');
    const read = await call('POST', `/notifications/${first.id}/read`, me, {});
    expect(read.json.unread).toBe(1);
    expect((await list(me, '?unread=true')).data).toHaveLength(1);
    expect((await call('POST', '/notifications/read-all', me, {})).json.unread).toBe(0);
    await tell(id, 'first');
    expect((await list(me)).unread).toBe(1);
  });

  test('shows and counts nothing whose time is over, although it may still be stored', async () => {
    const own = (await newAccount({ plan: 'pro' })).id;
    const as = await sessionOf(own);
    for (const group of ['old', 'new']) await tell(own, group);
    const { data } = await list(as);
    const old = data.find(({ title }: { title: string }) => title === 'old');
    const { database } = await import('#server/database.ts');
    const row = { accountId: own, id: old.id };
    const expiresAt = Math.floor(Date.now() / 1000) - 1;
    await database().notification.patch(row).set({ expiresAt }).go();
    expect(await list(as)).toMatchObject({ data: [{ title: 'new' }], unread: 1 });
    const reply = await call('POST', `/notifications/${old.id}/read`, as, {});
    expectProblem(reply, reply.text, 'not_found');
  });

  test('is nobody else\u2019s', async () => {
    await tell(id, 'mine');
    const { data } = await list(me);
    const other = await sessionOf((await newAccount({ plan: 'pro' })).id);
    const reply = await call('POST', `/notifications/${data[0].id}/read`, other, {});
    expectProblem(reply, reply.text, 'not_found');
    expect((await list(other)).data).toEqual([]);
  });
});

describe('what an account has chosen', () => {
  test('holds: nothing here, a mail instead, and safety always', async () => {
    const person = await registered();
    const as = bearer((await login(person)).json.access_token);
    const chosen = { 'job.failed': { in_app: false, email: true } };
    const put = await call('PUT', '/notification-preferences', as, { preferences: chosen });
    expect(put.json).toMatchObject({
      ...chosen,
      'job.finished': { in_app: false, email: false },
      'key.created': { in_app: true, email: true },
    });
    const fixed = { 'key.created': { in_app: true, email: false } };
    await call('PUT', '/notification-preferences', as, { preferences: fixed });
    expect((await call('GET', '/notification-preferences', as)).json).toMatchObject({
      ...chosen,
      'key.created': { in_app: true, email: true },
    });
    const { json: user } = await call('GET', '/users/me', as);
    const { notifyAccount } = await notification();
    await notifyAccount(user.id, 'job.failed', { title: 'A job has failed', text: 'x', link });
    await mailTo(person.email, 'A job has failed');
    expect((await list(as)).data).toEqual([]);
    const mails = await mailsTo(person.email);
    expect(mails.filter(({ subject }) => subject === 'A job has failed')).toHaveLength(1);
  });

  test('keeps away the mails that somebody else writes, and no other way to hear', async () => {
    const person = await registered();
    const as = bearer((await login(person)).json.access_token);
    const preferences = { 'usage.threshold': { in_app: true, email: false } };
    const put = await call('PUT', '/notification-preferences', as, { preferences });
    expect(put.json).toMatchObject(preferences);
    const { json: user } = await call('GET', '/users/me', as);
    await leaveCalls(user.id, 120);
    const { flushUsage } = await import('#server/modules/usage/service.ts');
    await flushUsage();
    await expect
      .poll(async () => (await list(as)).data[0])
      .toMatchObject({ event: 'usage.threshold', title: '50 % of your calls are used' });
    // A mail of later has come, so that of before would be there.
    const { notifyAccount } = await notification();
    const chosen = { 'job.failed': { in_app: false, email: true } };
    await call('PUT', '/notification-preferences', as, { preferences: chosen });
    await notifyAccount(user.id, 'job.failed', { title: 'A later job', text: 'x', link });
    await mailTo(person.email, 'A later job');
    const mails = (await mailsTo(person.email)).map(({ subject }) => subject);
    expect(mails.filter((subject) => /% of your calls/.test(subject))).toEqual([]);
  });

  test('holds where several choices are made at once', async () => {
    const as = await sessionOf((await newAccount({ plan: 'pro' })).id);
    const changes = ['job.failed', 'job.finished', 'usage.threshold'].flatMap((event) => [
      { [event]: { in_app: event !== 'job.failed' } },
      { [event]: { email: true } },
      { [event]: { push: event === 'job.finished' } },
    ]);
    const replies = await Promise.all(
      changes.map((preferences) => call('PUT', '/notification-preferences', as, { preferences })),
    );
    for (const [index, { json }] of replies.entries())
      expect(json).toMatchObject(changes[index] ?? {});
    expect((await call('GET', '/notification-preferences', as)).json).toMatchObject({
      'job.failed': { in_app: false, email: true, push: false },
      'job.finished': { in_app: true, email: true, push: true },
      'usage.threshold': { in_app: true, email: true, push: false },
    });
  });

  test('of an event or a channel that there is not is refused', async () => {
    for (const preferences of [{ nothing: { email: true } }, { 'job.failed': { sms: true } }]) {
      const reply = await call('PUT', '/notification-preferences', me, { preferences });
      expectProblem(reply, reply.text, 'invalid_input');
    }
  });
});

test('a job that fails after its answer is in the inbox', async () => {
  const { id: own, key } = await newAccount({ plan: 'pro' });
  const as = await sessionOf(own);
  const broken = new Blob(['%PDF-1.7 and no more'], { type: 'application/pdf' });
  const accepted = await postForm(
    'pdf-to-images',
    key,
    { file: broken },
    { prefer: 'respond-async', accept: 'application/json' },
  );
  expect(accepted.status).toBe(202);
  await expect
    .poll(async () => (await list(as)).data[0], { timeout: 20_000, interval: 200 })
    .toMatchObject({ event: 'job.failed', count: 1, is_read: false });
});
