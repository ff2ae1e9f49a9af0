import { createTransport, type Transporter } from 'nodemailer';
import { database } from '../../database.ts';
import { env } from '../../env.ts';
import { createOutbox } from '../outbox/service.ts';
import { fillTemplate } from './fill.ts';
import { type MailText, renderMail } from './render.ts';
import {
  type MailFacts,
  type MailTemplate,
  mailTemplates,
  type TemplateText,
} from './templates.ts';
import { readTemplate } from './texts.ts';

type Content = {
  to: string;
  template: MailTemplate;
  facts: Record<string, string>;
  /** A text that is tried out, and not the one that is stored. */
  draft?: TemplateText;
};

const outbox = createOutbox<Content>({
  kind: 'mail',
  keptSeconds: 3 * 24 * 60 * 60,
  sentAtOnce: 4,
  isReady: () => env().SMTP_URL !== undefined,
  send: sendMail,
});

/** Sends what is due, again and again; every web process may. @returns a function that stops it */
export const startMailSender = outbox.start;

/** An own page of the product, as a link in a mail. */
export function pageUrl(path: `/${string}`): string {
  return new URL(path, env().PUBLIC_URL).href;
}

/**
 * The row of a mail, to be written in the transaction that is its reason; it is sent soon after.
 *
 * @example
 * database().transaction.write(({ outboxMail }) => [
 *   outboxMail.create(mailRow(email, 'welcome', { name, url })).commit(),
 * ])
 */
export function mailRow<T extends MailTemplate>(to: string, template: T, facts: MailFacts<T>) {
  return outbox.row({ to, template, facts });
}

/** Queues a mail that belongs to no other change. */
export async function queueMail<T extends MailTemplate>(
  to: string,
  template: T,
  facts: MailFacts<T>,
): Promise<void> {
  await database()
    .outboxMail.create(mailRow(to, template, facts))
    .go();
}

/** An example for each variable of a template. */
export const examplesOf = (template: MailTemplate): Record<string, string> => ({
  ...mailTemplates[template].facts,
  url: pageUrl('/dashboard'),
});

/** The mail that a text makes of the examples. */
export function previewOf(template: MailTemplate, text: TemplateText): MailText {
  return fillTemplate(text, examplesOf(template));
}

/** Queues a mail that tries a text out. */
export async function queueTest(
  to: string,
  template: MailTemplate,
  draft: TemplateText,
): Promise<void> {
  const row = outbox.row({ to, template, facts: examplesOf(template), draft });
  await database().outboxMail.create(row).go();
}

async function sendMail(id: string, { draft, facts, template, to }: Content): Promise<void> {
  const text = fillTemplate(draft ?? (await readTemplate(template)), facts);
  await transport().sendMail({
    from: env().MAIL_FROM,
    to: { name: '', address: to },
    subject: text.subject,
    messageId: `<${id}@nebula>`,
    ...(await renderMail(text)),
  });
}

let transporter: Transporter | undefined;

/** Together far below the lease of the outbox: a server that hangs holds one mail, and not for long. */
const patience = { connectionTimeout: 5_000, greetingTimeout: 5_000, socketTimeout: 20_000 };

/** The address with its time limits, which nodemailer reads there alone; those that it names stay. */
function patientUrl(address: string): string {
  const url = new URL(address);
  for (const [name, milliseconds] of Object.entries(patience))
    if (!url.searchParams.has(name)) url.searchParams.set(name, String(milliseconds));
  return url.href;
}

function transport(): Transporter {
  const { SMTP_URL = '' } = env();
  transporter ??= createTransport(patientUrl(SMTP_URL), {
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return transporter;
}
