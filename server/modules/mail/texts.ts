import { AppError } from '@nebula/contract/errors';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { writeTogether } from '../../write-together.ts';
import { type AuditSource, auditRow } from '../audit/service.ts';
import { findProblem } from './fill.ts';
import { type MailTemplate, mailTemplates, type TemplateText } from './templates.ts';

/** The text of a template, and when an admin has written it, if one has. */
export type StoredText = TemplateText & { updatedAt?: number };

/** What is sent now. A stored text that no longer fits its template counts for nothing. */
export async function readTemplate(template: MailTemplate): Promise<StoredText> {
  const { data } = await database().mailTemplate.get({ template }).go({ consistent: true });
  return data && !findProblem(template, textOf(data)) ? data : mailTemplates[template];
}

/** The templates that an admin has written anew, with when. */
export async function listWritten(): Promise<Map<string, number>> {
  const { data } = await database().mailTemplate.query.all({}).go({ pages: 'all' });
  return new Map(data.map(({ template, updatedAt }) => [template, updatedAt]));
}

/** @throws AppError `invalid_input` that names the variable */
export function assertFits(template: MailTemplate, text: TemplateText): void {
  const problem = findProblem(template, text);
  if (problem) throw new AppError('invalid_input', problem.message, { param: problem.field });
}

/** Writes a template anew. @throws AppError `invalid_input` that names the variable */
export async function writeTemplate(
  template: MailTemplate,
  text: TemplateText,
  by: { adminId: string; source: AuditSource },
): Promise<void> {
  assertFits(template, text);
  const before = textOf(await readTemplate(template));
  const row = { ...text, template, updatedAt: clock.now(), updatedBy: by.adminId };
  await writeTogether(({ auditEvent, mailTemplate }) => [
    mailTemplate.put(row).commit(),
    auditEvent
      .create(auditRow(by.source, { ...eventOf(by.adminId, template), before, after: text }))
      .commit(),
  ]);
}

/** Goes back to the text of the product. */
export async function restoreTemplate(
  template: MailTemplate,
  by: { adminId: string; source: AuditSource },
): Promise<void> {
  const before = textOf(await readTemplate(template));
  const after = textOf(mailTemplates[template]);
  await writeTogether(({ auditEvent, mailTemplate }) => [
    mailTemplate.delete({ template }).commit(),
    auditEvent
      .create(auditRow(by.source, { ...eventOf(by.adminId, template), before, after }))
      .commit(),
  ]);
}

const eventOf = (accountId: string, targetId: string) => ({
  accountId,
  action: 'mail_template.updated' as const,
  targetId,
});

const textOf = ({ action, body, heading, subject }: TemplateText): TemplateText => ({
  subject,
  heading,
  body,
  action,
});
