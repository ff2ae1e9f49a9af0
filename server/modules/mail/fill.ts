import type { MailText } from './render.ts';
import { type MailTemplate, neededBy, type TemplateText, variablesOf } from './templates.ts';

const variables = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Puts facts in the place of variables, once: what a fact itself says is never read as a variable. */
export function fillTemplate(
  { action, body, heading, subject }: TemplateText,
  facts: Record<string, string>,
): MailText {
  const fill = (text: string) => text.replace(variables, (_, name: string) => facts[name] ?? '');
  return {
    subject: fill(subject),
    heading: fill(heading),
    // Apart before they are filled: a fact of several lines stays one paragraph.
    lines: body
      .split(/\n\s*\n/)
      .map((paragraph) => fill(paragraph.trim()))
      .filter(Boolean),
    action: { label: fill(action), url: facts.url ?? '' },
  };
}

export type TemplateProblem = { field: keyof TemplateText; message: string };

/** What keeps a text from being the text of this template, with the name of the variable. */
export function findProblem(
  template: MailTemplate,
  text: TemplateText,
): TemplateProblem | undefined {
  const known = variablesOf(template);
  for (const field of ['subject', 'heading', 'body', 'action'] as const) {
    const unknown = variablesIn(text[field]).find((name) => !known.includes(name));
    if (unknown !== undefined) {
      const allowed = known.map((name) => `{{${name}}}`).join(', ');
      const message = `There is no variable {{${unknown}}} here. Known are ${allowed}.`;
      return { field, message };
    }
  }
  const used = Object.values(text).flatMap(variablesIn);
  const missing = neededBy(template).find((name) => !used.includes(name));
  if (missing === undefined) return undefined;
  return { field: 'body', message: `Expected the variable {{${missing}}} somewhere in the mail.` };
}

const variablesIn = (text: string): string[] =>
  [...text.matchAll(variables)].map(([, name]) => name ?? '');
