import { z } from 'zod';
import { isoTime } from '../../platform/clock.ts';
import { type MailTemplate, mailTemplateNames, mailTemplates, variablesOf } from './templates.ts';
import type { StoredText } from './texts.ts';

const template = z.enum(mailTemplateNames).describe('Name of the mail.');

/** One line: what follows a line break in a subject would be a header of the mail. */
const line = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\r\n]*$/, 'Expected one line.');

const text = {
  subject: line.describe('Subject; may hold `{{variables}}`.'),
  heading: line.describe('Heading of the mail; may hold `{{variables}}`.'),
  body: z
    .string()
    .trim()
    .min(1)
    .max(5_000)
    .describe('Paragraphs with an empty line between; plain text that may hold `{{variables}}`.'),
  action: line.describe('What the button says; it leads to `{{url}}`.'),
};

export const templateInput = z.strictObject({ template });
export const templateTextInput = z.strictObject({ template, ...text });

export const templateSummarySchema = z.object({
  template: z.string(),
  title: z.string(),
  is_default: z.boolean(),
  updated_at: z.iso.datetime().nullable(),
});

export const templateSchema = templateSummarySchema.extend({
  ...text,
  variables: z
    .array(z.object({ name: z.string(), example: z.string(), is_needed: z.boolean() }))
    .describe('What the text may hold, and what it must.'),
});

export const previewSchema = z.object({
  subject: z.string(),
  html: z.string(),
  text: z.string(),
});

export function toPublicSummary(name: MailTemplate, updatedAt: number | undefined) {
  return {
    template: name,
    title: mailTemplates[name].title,
    is_default: updatedAt === undefined,
    updated_at: updatedAt === undefined ? null : isoTime(updatedAt),
  };
}

export function toPublicTemplate(
  name: MailTemplate,
  stored: StoredText,
  { examples, needed }: { examples: Record<string, string>; needed: readonly string[] },
): z.infer<typeof templateSchema> {
  const { action, body, heading, subject, updatedAt } = stored;
  return {
    ...toPublicSummary(name, updatedAt),
    subject,
    heading,
    body,
    action,
    variables: variablesOf(name).map((variable) => ({
      name: variable,
      example: examples[variable] ?? '',
      is_needed: needed.includes(variable),
    })),
  };
}
