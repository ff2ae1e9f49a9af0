import { setTimeout as delay } from 'node:timers/promises';
import { stack } from './stack.ts';

export type Mail = {
  id: string;
  to: string;
  from: string;
  subject: string;
  text: string;
  html: string;
};

/** The mails to an address that have arrived at the mail catcher, the newest first. */
export async function mailsTo(address: string): Promise<Mail[]> {
  const query = new URLSearchParams({ to: address });
  const response = await fetch(`${stack.addresses.mail}/api/messages?${query}`);
  const { data } = (await response.json()) as { data: Mail[] };
  return data;
}

const patienceMilliseconds = 40_000;

/** Waits for a mail to an address with a subject. */
export async function mailTo(address: string, subject: string): Promise<Mail> {
  const end = Date.now() + patienceMilliseconds;
  while (Date.now() < end) {
    const mail = (await mailsTo(address)).find((each) => each.subject === subject);
    if (mail) return mail;
    await delay(100);
  }
  throw new Error(`No mail "${subject}" came to ${address}.`);
}

/** The link of a mail's button, as a person would open it. */
export function linkIn({ text }: Mail): URL {
  const link = /https?:\/\/\S+/.exec(text)?.[0];
  if (!link) throw new Error(`no link in "${text}"`);
  return new URL(link);
}

/** The single-use token in the link of a mail. */
export const tokenIn = (mail: Mail): string => linkIn(mail).searchParams.get('token') ?? '';
