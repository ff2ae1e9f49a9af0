import { expect, test } from 'vitest';
import { bearer, call } from '../support/callers.ts';
import { mailsTo, mailTo } from '../support/mails.ts';
import { login, registered } from '../support/people.ts';
import { deliveriesTo, newEndpoint } from '../support/webhooks.ts';

const dayMilliseconds = 24 * 60 * 60 * 1000;
const fromNow = (days: number) => new Date(Date.now() + days * dayMilliseconds).toISOString();

const keys = async () => (await import('#server/database.ts')).database().apiKey;

/** Lets days pass for one key. */
async function age(accountId: string, id: string, days: number): Promise<void> {
  const entity = await keys();
  const { data } = await entity.get({ accountId, id }).go({ consistent: true });
  const passed = days * dayMilliseconds;
  await entity
    .patch({ accountId, id })
    .set({
      validUntil: (data?.validUntil ?? 0) - passed,
      ...(data?.warnAt ? { watch: data.watch, warnAt: data.warnAt - passed } : {}),
    })
    .go();
}

/** Several processes that look at once, beside the sweeper of the running stack. */
async function sweep(): Promise<void> {
  const { sweepExpiringKeys } = await import('#server/modules/api-key/expiry.ts');
  await Promise.all(Array.from({ length: 5 }, () => sweepExpiringKeys()));
}

test('an owner hears a week and a day before a key expires: by mail, webhook and notification, each once', async () => {
  const person = await registered();
  const me = bearer((await login(person)).json.access_token);
  const { id: accountId } = (await call('GET', '/users/me', me)).json;
  const endpoint = await newEndpoint(me, {
    url: 'https://nobody.invalid/hook',
    events: ['api_key.expiring'],
  });
  const { json: key } = await call('POST', '/api-keys', me, {
    name: 'nightly build',
    expires_at: fromNow(10),
  });
  const mails = async () =>
    (await mailsTo(person.email))
      .map(({ subject }) => subject)
      .filter((subject) => subject.startsWith('An API key expires'));
  const events = async () =>
    (await deliveriesTo(me, endpoint.id)).map(({ payload }) => JSON.parse(payload));
  const notes = async (): Promise<string[]> =>
    (await call('GET', '/notifications', me)).json.data
      .filter(({ event }: { event: string }) => event === 'key.expiring')
      .map(({ title }: { title: string }) => title);

  await sweep();
  expect([await mails(), await events(), await notes()]).toEqual([[], [], []]);

  await age(accountId, key.id, 3);
  await sweep();
  const mail = await mailTo(person.email, 'An API key expires in 7 days');
  expect(mail.text).toContain('nightly build');
  expect(mail.text).not.toContain(key.key);
  expect(await events()).toMatchObject([
    { type: 'api_key.expiring', data: { object: 'api_key', id: key.id, name: 'nightly build' } },
  ]);
  await sweep();

  await age(accountId, key.id, 6);
  await sweep();
  await mailTo(person.email, 'An API key expires in a day');
  await age(accountId, key.id, 0.5);
  await sweep();
  expect((await mails()).sort()).toEqual([
    'An API key expires in 7 days',
    'An API key expires in a day',
  ]);
  expect(await events()).toHaveLength(2);
  expect((await notes()).sort()).toEqual([
    'An API key expires in 7 days',
    'An API key expires in a day',
  ]);
});

test('a key that is given a later end is warned of later, and one without an end never', async () => {
  const me = bearer((await login(await registered())).json.access_token);
  const { id: accountId } = (await call('GET', '/users/me', me)).json;
  const { json: key } = await call('POST', '/api-keys', me, { name: 'k', expires_at: fromNow(10) });
  const dueIn = async () => {
    const { data } = await (await keys()).get({ accountId, id: key.id }).go({ consistent: true });
    return data?.warnAt && Math.round((data.warnAt - Date.now()) / dayMilliseconds);
  };
  const isWatched = async () => {
    const { data } = await (await keys()).query
      .byWarning({ watch: 'expiring' })
      .go({ pages: 'all' });
    return data.some(({ id }) => id === key.id);
  };
  expect(await dueIn()).toBe(3);
  await call('PATCH', `/api-keys/${key.id}`, me, { expires_at: fromNow(30) });
  expect(await dueIn()).toBe(23);
  expect(await isWatched()).toBe(true);
  await call('PATCH', `/api-keys/${key.id}`, me, { expires_at: null });
  expect(await dueIn()).toBeUndefined();
  expect(await isWatched()).toBe(false);
});
