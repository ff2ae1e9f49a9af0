import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';
import { ulid } from 'ulid';

const maxMessages = 1_000;

/** Mails as files; the oldest go when there are too many. */
export type Mailbox = {
  add: (raw: Buffer) => string;
  /** All, or those to one address, the newest first. */
  list: (to?: string) => Promise<Message[]>;
  read: (id: string) => Promise<Message | undefined>;
  clear: () => void;
};

export type Message = {
  id: string;
  from: string;
  to: string;
  subject: string;
  date: string;
  text: string;
  html: string | null;
  headers: Record<string, string>;
  attachments: { filename: string; mime: string; size: number }[];
};

export function createMailbox(dir: string): Mailbox {
  mkdirSync(dir, { recursive: true });
  const path = (id: string) => join(dir, `${id}.eml`);
  // Each is read once, however often the list is asked for.
  const messages = new Map<string, Promise<Message>>();
  const open = (id: string) =>
    messages.set(
      id,
      simpleParser(readFileSync(path(id))).then((mail) => toMessage(id, mail)),
    );
  const drop = (id: string) => {
    messages.delete(id);
    rmSync(path(id), { force: true });
  };
  const names = readdirSync(dir).filter((name) => name.endsWith('.eml'));
  for (const name of names.sort()) open(name.slice(0, -4));
  return {
    add: (raw) => {
      const id = ulid();
      writeFileSync(path(id), raw);
      open(id);
      for (const old of [...messages.keys()].slice(0, -maxMessages)) drop(old);
      return id;
    },
    list: async (to) => {
      const all = await Promise.all([...messages.values()].reverse());
      return to === undefined ? all : all.filter((message) => message.to === to);
    },
    read: async (id) => messages.get(id),
    clear: () => {
      for (const id of messages.keys()) drop(id);
    },
  };
}

function toMessage(id: string, mail: ParsedMail): Message {
  const to = [mail.to ?? []].flat().map(({ text }) => text);
  return {
    id,
    from: mail.from?.text ?? '',
    to: to.join(', '),
    subject: mail.subject ?? '',
    date: (mail.date ?? new Date(0)).toISOString(),
    text: mail.text ?? '',
    html: mail.html || null,
    headers: Object.fromEntries(
      mail.headerLines.map(({ key, line }) => [key, line.slice(key.length + 1).trim()]),
    ),
    attachments: mail.attachments.map(({ contentType, filename, size }) => ({
      filename: filename ?? 'attachment',
      mime: contentType,
      size,
    })),
  };
}
