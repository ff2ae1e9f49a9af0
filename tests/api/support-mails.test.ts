import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { call, sessionOf } from '../support/callers.ts';
import { mailsTo, mailTo } from '../support/mails.ts';
import { newAccount, stack } from '../support/stack.ts';

const operators = stack.env.SUPPORT_EMAIL ?? '';

const { clock } = await import('#server/platform/clock.ts');
const support = await import('#server/modules/support/service.ts');
const { changeConversation } = await import('#server/modules/support/rows.ts');
const accounts = await import('#server/modules/account/service.ts');
type Account = Awaited<ReturnType<typeof accounts.createAccount>>;

const real = clock.now;
afterEach(() => {
  clock.now = real;
});

let operator: Account;
beforeAll(async () => {
  operator = await accountOf((await newAccount()).id);
});

async function accountOf(id: string): Promise<Account> {
  const account = await accounts.findAccount(id);
  if (!account) throw new Error(`There is no account ${id}.`);
  return account;
}

/** Does something as if it were so many minutes ago. */
async function ago<T>(minutes: number, work: () => Promise<T>): Promise<T> {
  clock.now = () => real() - minutes * 60_000;
  return work().finally(() => {
    clock.now = real;
  });
}

const sweepTogether = () =>
  Promise.all(Array.from({ length: 5 }, () => support.sweepConversations()));

/** Lets the time of the mails come that a conversation waits for; the stack looks for it too. */
async function sweepInTime(key: { accountId: string; id: string }): Promise<void> {
  const past = (at?: number) => at && 1;
  await changeConversation(key, (row) => ({
    next: {
      ...row,
      customerMailAt: past(row.customerMailAt),
      operatorMailAt: past(row.operatorMailAt),
    },
    result: undefined,
  }));
  await sweepTogether();
}

/** A conversation with a subject that no other mail has. */
async function begun(minutes: number) {
  const author = await accountOf((await newAccount()).id);
  const subject = `About ${randomUUID()}`;
  const written = { side: 'customer' as const, author, text: 'Hello', fileIds: [] };
  const row = await ago(minutes, () => support.beginConversation(subject, written));
  const answer = (text: string) =>
    support.postMessage(row, { side: 'operator', author: operator, text, fileIds: [] });
  const told = async () =>
    (await mailsTo(author.email)).filter(({ subject: line }) => line.includes(subject));
  const asked = async () =>
    (await mailsTo(operators)).filter(({ subject: line }) => line.includes(subject));
  return { answer, asked, author, row, subject, told };
}

describe('answers that lie unread', () => {
  test('bring one mail for a run of them, however many look at once', async () => {
    const { answer, author, row, subject, told } = await begun(1);
    await answer('the first');
    await answer('the second');
    await sweepInTime(row);
    const mail = await mailTo(author.email, `An answer for you: ${subject}`);
    expect(mail.text).toContain('the second');
    expect(mail.text).toContain(row.id);
    await answer('the third');
    await sweepInTime(row);
    const own = await support.readConversation(row);
    expect(own).toMatchObject({ watch: 'none', isCustomerMailed: true });
    expect(await told()).toHaveLength(1);
  });

  test('are all in that one mail, in their order, and what was read is not', async () => {
    const { answer, author, row, subject, told } = await begun(1);
    await answer('read already');
    const as = await sessionOf(author.id);
    await call('POST', `/conversations/${row.id}/read`, as, { seq: 2 });
    await answer('the first\n<b>line</b>');
    await answer('the second');
    await support.postMessage(row, {
      ...{ side: 'operator' as const, author: operator, fileIds: [] },
      ...{ text: 'a note among us', isNote: true },
    });
    await answer('the third');
    await sweepInTime(row);
    const mail = await mailTo(author.email, `An answer for you: ${subject}`);
    expect(mail.text).toContain('the first\n<b>line</b>\n\nthe second\n\nthe third');
    expect(mail.text).not.toMatch(/read already|a note among us/);
    expect(mail.html).not.toContain('<b>line');
    expect(await told()).toHaveLength(1);
  });

  test('bring a mail of as many of them as it can hold, however long they are', async () => {
    const { answer, author, row, subject } = await begun(1);
    for (let made = 0; made < 40; made++) await answer(`${made} ${'答'.repeat(3_990)}`);
    await sweepInTime(row);
    const mail = await mailTo(author.email, `An answer for you: ${subject}`);
    expect(mail.text).toContain('0 答答');
    expect(mail.text).toContain('…');
    expect(await support.readConversation(row)).toMatchObject({ watch: 'none' });
  });

  test('bring none once they are read, and the next run brings its own', async () => {
    const { answer, author, row, subject, told } = await begun(1);
    await answer('the first');
    const as = await sessionOf(author.id);
    await call('POST', `/conversations/${row.id}/read`, as, { seq: 2 });
    await sweepInTime(row);
    expect(await support.readConversation(row)).toMatchObject({
      watch: 'none',
      isCustomerMailed: false,
    });
    expect(await told()).toHaveLength(0);
    await answer('the next');
    await sweepInTime(row);
    const mail = await mailTo(author.email, `An answer for you: ${subject}`);
    expect(mail.text).toContain('the next');
  });

  test('bring none before their time', async () => {
    const { answer, row } = await begun(1);
    await answer('just now');
    await sweepTogether();
    const after = await support.readConversation(row);
    expect(after).toMatchObject({ watch: 'waiting', isCustomerMailed: false });
  });
});

describe('questions that nobody answers', () => {
  test('bring the support one mail for a run of them', async () => {
    const { asked, author, row, subject } = await begun(16);
    await sweepTogether();
    const mail = await mailTo(operators, `Nobody has answered: ${subject}`);
    expect(mail.text).toContain(author.email);
    const written = { side: 'customer' as const, author, text: 'Anybody?', fileIds: [] };
    await ago(16, () => support.postMessage(row, written));
    await sweepTogether();
    expect(await support.readConversation(row)).toMatchObject({ watch: 'none' });
    expect(await asked()).toHaveLength(1);
  });

  test('bring none once somebody has answered', async () => {
    const { answer, asked, row } = await begun(1);
    await answer('here I am');
    await sweepInTime(row);
    expect((await support.readConversation(row)).operatorMailAt).toBeUndefined();
    expect(await asked()).toHaveLength(0);
  });
});
