import { expect, test } from 'vitest';
import { fillTemplate, findProblem } from './fill.ts';
import { renderMail } from './render.ts';
import { mailTemplateNames, mailTemplates } from './templates.ts';

const { support_reply: reply } = mailTemplates;
const url = 'https://nebula.example/dashboard';

test('what a person wrote is escaped in the HTML of a mail, and verbatim in its text', async () => {
  const text = '<script>alert("x")</script> & {{subject}}';
  const mail = await renderMail(fillTemplate(reply, { subject: '<b>', text, url }));
  expect(mail.html).not.toMatch(/<script|<b>/);
  expect(mail.html).toContain('&lt;script&gt;');
  expect(mail.text).toContain(text);
});

test('HTML in a template of an admin is text too', async () => {
  const body = '<img src="https://beacon.example/x.png"> {{text}}';
  const mail = await renderMail(fillTemplate({ ...reply, body }, { subject: '', text: 'x', url }));
  expect(mail.html).not.toMatch(/<img/);
  expect(mail.text).toContain(body.replace('{{text}}', 'x'));
});

test('every template of the product is in order itself, and says all that it is given', () => {
  for (const name of mailTemplateNames) {
    const template = mailTemplates[name];
    const { action, body, heading, subject } = template;
    expect(findProblem(name, { action, body, heading, subject }), name).toBeUndefined();
    const said = JSON.stringify(fillTemplate(template, { ...template.facts, url }));
    for (const fact of Object.values(template.facts)) expect(said, name).toContain(fact);
    expect(said).not.toContain('{{');
  }
});

test('a variable that there is not, or that is missing, is named', () => {
  const { action, body, heading, subject } = reply;
  const text = { action, body, heading, subject };
  expect(findProblem('support_reply', { ...text, subject: '{{ nmae }}' })).toMatchObject({
    field: 'subject',
    message: expect.stringContaining('{{nmae}}'),
  });
  expect(findProblem('support_reply', { ...text, body: 'Hello' })).toMatchObject({
    field: 'body',
    message: expect.stringContaining('{{text}}'),
  });
});
