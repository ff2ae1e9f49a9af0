import { createTransport, type Transporter } from 'nodemailer';
import { database } from '../../database.ts';
import { env } from '../../env.ts';
import { clock } from '../../platform/clock.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';
import { newId } from '../../platform/ids.ts';
import { logger } from '../../platform/logger.ts';
import { seal, unseal } from '../../platform/seal.ts';
import { renderMail } from './render.ts';
import { type MailFacts, type MailTemplate, type MailText, mailTemplates } from './templates.ts';

const purpose = 'mail';
const keptSeconds = 3 * 24 * 60 * 60;
const lookMilliseconds = 2_000;
/** How long a mail is one sender's own, and how long a failed one waits. */
const leaseMilliseconds = 60_000;
const waits = [30_000, 2 * 60_000, 10 * 60_000, 60 * 60_000];

type Content = { to: string; template: MailTemplate; facts: Record<string, string> };

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
  const now = clock.now();
  kick();
  return {
    id: newId('mail'),
    content: seal(purpose, JSON.stringify({ to, template, facts } satisfies Content)),
    dueAt: digits(now),
    createdAt: now,
    expiresAt: Math.floor(now / 1000) + keptSeconds,
  };
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

let timer: NodeJS.Timeout | undefined;
let isSending = false;

/** Sends what is due, again and again; every web process may. @returns a function that stops it */
export function startMailSender(): () => void {
  timer = setInterval(() => void sendDue(), lookMilliseconds);
  timer.unref();
  return () => clearInterval(timer);
}

/** A mail that was just written should not wait for the next look. */
function kick(): void {
  if (timer) setTimeout(() => void sendDue(), 50).unref();
}

async function sendDue(): Promise<void> {
  const url = env().SMTP_URL;
  if (isSending || !url) return;
  isSending = true;
  try {
    const { data } = await database()
      .outboxMail.query.due({ queue: 'pending' })
      .lte({ dueAt: digits(clock.now()) })
      .go({ count: 20 });
    for (const { attempts, content, dueAt, id } of data)
      if (await claim(id, dueAt, attempts)) await send(url, id, content);
  } catch (error) {
    logger().warn({ err: error }, 'the outbox could not be read');
  } finally {
    isSending = false;
  }
}

/** Moves the mail ahead, which only one sender can do from the same place. */
async function claim(id: string, dueAt: string, attempts: number): Promise<boolean> {
  const wait = attempts === 0 ? leaseMilliseconds : (waits[attempts - 1] ?? 60 * 60_000);
  try {
    await database()
      .outboxMail.patch({ id })
      .set({ dueAt: digits(clock.now() + wait), attempts: attempts + 1, queue: 'pending' })
      .where((row, { eq }) => eq(row.dueAt, dueAt))
      .go();
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
}

async function send(url: string, id: string, sealed: string): Promise<void> {
  const json = unseal(purpose, sealed);
  if (json !== undefined) {
    const { facts, template, to } = JSON.parse(json) as Content;
    const text = (mailTemplates[template] as (facts: unknown) => MailText)(facts);
    try {
      const { subject } = text;
      await transport(url).sendMail({
        from: env().MAIL_FROM,
        to: { name: '', address: to },
        subject,
        messageId: `<${id}@nebula>`,
        ...(await renderMail(text)),
      });
    } catch (error) {
      logger().warn({ err: error, mail: id, template }, 'a mail was not sent; it is tried again');
      return;
    }
  }
  await database().outboxMail.delete({ id }).go();
}

let transporter: Transporter | undefined;

function transport(url: string): Transporter {
  transporter ??= createTransport(url, { disableFileAccess: true, disableUrlAccess: true });
  return transporter;
}

const digits = (milliseconds: number) => String(Math.max(0, milliseconds)).padStart(13, '0');
