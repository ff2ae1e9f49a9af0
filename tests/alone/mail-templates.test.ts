import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Credentials, call, sessionOf } from '../support/callers.ts';
import { newCustomer, newOperator } from '../support/conversations.ts';
import { mailTo } from '../support/mails.ts';
import { newPerson } from '../support/people.ts';
import { expectProblem } from '../support/problem.ts';

const path = '/admin/email-templates';
const reply = `${path}/support_reply`;
const text = {
  subject: 'Re: {{subject}}',
  heading: 'We have an answer',
  body: 'Dear customer,\n\n{{text}}',
  action: 'Read it',
};

let admin: Credentials;
beforeAll(async () => {
  admin = (await newOperator()).as;
});
afterEach(() => call('DELETE', reply, admin));

/** A mail of the product, as its parts queue it. */
async function send(subject: string, words: string) {
  const { email } = newPerson();
  const { queueMail } = await import('#server/modules/mail/service.ts');
  const facts = { subject, text: words, url: 'http://localhost/dashboard' };
  await queueMail(email, 'support_reply', facts);
  return email;
}

describe('a text of an admin', () => {
  test('is in the next mail, escaped in its HTML and verbatim in its text', async () => {
    const put = await call('PUT', reply, admin, text);
    expect(put.json).toMatchObject({ ...text, is_default: false });
    const words = '<script>alert(1)</script> & {{subject}}';
    const mail = await mailTo(await send('Fonts', words), 'Re: Fonts');
    expect(mail.html).not.toContain('<script');
    expect(mail.html).toContain('&lt;script&gt;');
    expect(mail.text).toContain(`Dear customer,\n\n${words}`);
    expect(mail.text).toContain('Read it: http://localhost/dashboard');
  });

  test('gives way to that of the product when it is restored', async () => {
    const before = (await call('GET', reply, admin)).json;
    expect(before).toMatchObject({ is_default: true, updated_at: null });
    await call('PUT', reply, admin, text);
    const listed = (await call('GET', path, admin)).json.data;
    const own = ({ template }: { template: string }) => template === 'support_reply';
    expect(listed.find(own)).toMatchObject({ is_default: false });
    expect((await call('DELETE', reply, admin)).json).toEqual(before);
    await mailTo(await send('Fonts', 'x'), 'An answer for you: Fonts');
  });

  test('is previewed with examples, and stored by saving alone', async () => {
    const { json } = await call('POST', `${reply}/preview`, admin, text);
    expect(json.subject).toBe('Re: My PDF is empty');
    expect(json.html).toContain('Dear customer');
    expect(json.text).toContain('Dear customer');
    expect((await call('GET', reply, admin)).json).toMatchObject({ is_default: true });
  });

  test('is sent to the admin who tries it, and to nobody else', async () => {
    const subject = `A test of {{subject}} ${Date.now()}`;
    const sent = await call('POST', `${reply}/test`, admin, { ...text, subject });
    expect(sent.status, sent.text).toBe(202);
    const { json: me } = await call('GET', '/users/me', admin);
    expect(sent.json).toEqual({ sent_to: me.email });
    const mail = await mailTo(me.email, subject.replace('{{subject}}', 'My PDF is empty'));
    expect(mail.text).toContain('Dear customer');
  });

  test('with a variable that there is not, or without one that it needs, is refused by its name', async () => {
    const wrong = [
      [{ ...text, heading: 'Hello {{nmae}}' }, 'heading', '{{nmae}}'],
      [{ ...text, body: 'Nothing' }, 'body', '{{text}}'],
    ] as const;
    for (const [body, param, name] of wrong)
      for (const [method, at] of [
        ['PUT', reply],
        ['POST', `${reply}/preview`],
        ['POST', `${reply}/test`],
      ] as const) {
        const answer = await call(method, at, admin, body);
        const problem = expectProblem(answer, answer.text, 'invalid_input');
        expect(problem).toMatchObject({ param, detail: expect.stringContaining(name) });
      }
    const broken = await call('PUT', reply, admin, {
      ...text,
      subject: 'Hello\r\nBcc: x@y.example',
    });
    expectProblem(broken, broken.text, 'invalid_input');
    expect((await call('GET', reply, admin)).json).toMatchObject({ is_default: true });
  });
});

test('the templates are for admins that are signed in', async () => {
  const customer = await newCustomer();
  const key = { authorization: `Bearer ${(await newOperator()).key}` };
  for (const as of [customer.as, await sessionOf(customer.id), key])
    for (const [method, at, body] of [
      ['GET', path],
      ['PUT', reply, text],
      ['DELETE', reply],
    ] as const) {
      const answer = await call(method, at, as, body);
      expectProblem(answer, answer.text, 'forbidden');
    }
  const none = await call('GET', `${path}/nothing`, admin);
  expectProblem(none, none.text, 'invalid_input');
});
