import { AppError } from '@nebula/contract/errors';
import { clock, isoTime } from '../../platform/clock.ts';
import { contentOf, keepFile } from '../file/service.ts';
import { findJob, readOptions, toPublicJob } from '../job/service.ts';
import { readMessage } from './rows.ts';
import { type AttachedFile, type AttachedJob, filesOf, type Side } from './schema.ts';

const secretName = /secret|password|token|authorization|cookie|headers|put_url|webhook/i;
const maxText = 500;
const maxItems = 50;

/** Whoever answers may come days later, and whoever asked reads the answer later still. */
const keptMilliseconds = 30 * 24 * 60 * 60 * 1000;

/** What a message says of its files; each must be the author's own, and is kept from now on. */
export function describeAttached(accountId: string, ids: string[]): Promise<AttachedFile[]> {
  return Promise.all(
    ids.map(async (id) => {
      const { filename, size, type } = await keepFile(
        { accountId, id },
        clock.now() + keptMilliseconds,
      );
      return { id, filename, size, type };
    }),
  );
}

/** An address of a file that a message carries, for whoever may see the message. */
export async function openAttachment(
  { fileId, id, seq }: { id: string; seq: number; fileId: string },
  side: Side,
): Promise<{ url: string; expires_at: string }> {
  const message = await readMessage(id, seq);
  const isSeen = message && (side === 'operator' || !message.isNote);
  if (!isSeen || !filesOf(message).some((file) => file.id === fileId))
    throw new AppError('not_found', 'There is no such file.');
  return contentOf({ accountId: message.authorId, id: fileId });
}

/** A job of the customer as it is now: its facts, and nothing of what is in its files. */
export async function describeJob(accountId: string, id: string): Promise<AttachedJob> {
  const row = await findJob({ accountId, id });
  const { error, input, options_effective, status, tool } = await toPublicJob(row);
  const given = (await readOptions(row)) ?? options_effective;
  return {
    id,
    tool,
    status,
    created_at: isoTime(row.createdAt),
    input: { files: input.files.slice(0, maxItems) },
    options: withoutSecrets(given),
    error: error ? { code: error.code, message: error.message } : null,
  };
}

/** Options as a stranger may read them: no secret by its name, no address with its query. */
export function withoutSecrets(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      secretName.test(name) ? '[removed]' : shorten(value),
    ]),
  );
}

function shorten(value: unknown): unknown {
  if (typeof value === 'string') {
    const text = URL.canParse(value) ? bareAddress(new URL(value)) : value;
    return text.length > maxText ? `${text.slice(0, maxText)}… (${text.length} characters)` : text;
  }
  if (Array.isArray(value)) return value.slice(0, maxItems).map(shorten);
  if (typeof value === 'object' && value !== null)
    return withoutSecrets(value as Record<string, unknown>);
  return value;
}

const bareAddress = ({ host, pathname, protocol }: URL) =>
  /^https?:$/.test(protocol) ? `${protocol}//${host}${pathname}` : `${protocol}…`;
