import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';
import { ulid } from 'ulid';

const maxMessages = 500;

/** Mails as files, newest first; the oldest go when there are too many. */
export type Mailbox = {
  add: (raw: Buffer) => string;
  ids: () => string[];
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
  const ids = () =>
    readdirSync(dir)
      .filter((name) => name.endsWith('.eml'))
      .map((name) => name.slice(0, -4))
      .sort()
      .reverse();
  return {
    ids,
    add: (raw) => {
      const id = ulid();
      writeFileSync(path(id), raw);
      for (const old of ids().slice(maxMessages)) rmSync(path(old), { force: true });
      return id;
    },
    read: async (id) => {
      if (!ids().includes(id)) return undefined;
      return toMessage(id, await simpleParser(readFileSync(path(id))));
    },
    clear: () => {
      for (const id of ids()) rmSync(path(id), { force: true });
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
