import { plans } from '@nebula/contract/plans';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';
import { newId } from '../../platform/ids.ts';
import type { Account } from '../account/service.ts';
import { type FileKey, type FileRow, isReady, type ReadyFile } from './schema.ts';

/** An announced file has so long to become ready; what comes later is removed. */
export const openMilliseconds = 60 * 60 * 1000;

/** The row stays so long after its bytes, and says that they have expired. */
const keptRowMilliseconds = 24 * 60 * 60 * 1000;

const dueAt = (milliseconds: number) => String(milliseconds).padStart(15, '0');

/** What is known of a file before its bytes. */
export type Announced = Pick<FileRow, 'source' | 'filename' | 'size' | 'type' | 'sha256'> & {
  /** Until when bytes may come, in milliseconds; 0 where they come through this process. */
  openUntil: number;
  expiresInSeconds?: number;
};

/** A new file that is not written yet. */
export function announce(account: Account, announced: Announced) {
  const { expiresInSeconds = Number.POSITIVE_INFINITY, ...facts } = announced;
  const now = clock.now();
  const keptSeconds = Math.min(plans[account.plan].retentionSeconds, expiresInSeconds);
  const retainedUntil = now + keptSeconds * 1000;
  return {
    ...facts,
    accountId: account.id,
    id: newId('fil'),
    status: 'open' as const,
    createdAt: now,
    retainedUntil,
    // Should this process die before the bytes are known, the sweeper finds what has come of them.
    ...heldUntil(now + openMilliseconds),
  };
}

const heldUntil = (milliseconds: number) =>
  ({ watch: 'held', dueAt: dueAt(milliseconds) }) as const;

/** Writes a new file. */
export async function addRow(row: FileRow): Promise<void> {
  await database().file.create(row).go();
}

/** The file as it is now, whoever has just written it. */
export async function readRow({ accountId, id }: FileKey): Promise<FileRow | undefined> {
  const { data } = await database().file.get({ accountId, id }).go({ consistent: true });
  return data ?? undefined;
}

const dayMilliseconds = 24 * 60 * 60 * 1000;

/** A day before its end; half of its time before, where it lives for less than two. */
const warnAt = ({ createdAt, retainedUntil }: FileRow) =>
  retainedUntil - Math.min(dayMilliseconds, Math.floor((retainedUntil - createdAt) / 2));

/**
 * Says where the bytes lie and what they are. Undefined: the file is open no more. A write whose
 * answer was lost is refused when it is repeated; the key tells that it was ours.
 */
export async function makeReady(
  announced: FileRow,
  found: Pick<ReadyFile, 'key' | 'type' | 'size' | 'sha256'>,
): Promise<ReadyFile | undefined> {
  const { accountId, id } = announced;
  const row = await written(() =>
    database()
      .file.patch({ accountId, id })
      .set({ ...found, status: 'ready', ...heldUntil(warnAt(announced)) })
      .where(({ status }, { eq }) => eq(status, 'open'))
      .go({ response: 'all_new' }),
  );
  const now = row ?? (await readRow(announced));
  return now && isReady(now) && now.key === found.key ? now : undefined;
}

/** Keeps a ready file until then at least; one that is kept for longer stays as it is. */
export async function keepRow({ accountId, id }: FileKey, retainedUntil: number): Promise<void> {
  await written(() =>
    database()
      .file.patch({ accountId, id })
      .set({ retainedUntil, ...heldUntil(retainedUntil - dayMilliseconds) })
      .where(
        ({ retainedUntil: before, status }, { eq, lt }) =>
          `${eq(status, 'ready')} AND ${lt(before, retainedUntil)}`,
      )
      .go({ response: 'all_new' }),
  );
}

/** Marks a file whose time is over. False: it is kept for longer by now, or has gone. */
export async function markExpired({ accountId, id }: FileKey): Promise<boolean> {
  const row = await written(() =>
    database()
      .file.patch({ accountId, id })
      .set({ status: 'expired' })
      .where(
        ({ retainedUntil, status }, { eq, lte }) =>
          `${eq(status, 'ready')} AND ${lte(retainedUntil, clock.now())}`,
      )
      .go({ response: 'all_new' }),
  );
  return row !== undefined;
}

/** Its owner knows that the file is about to expire: it is looked at again at its end. */
export async function markWarned({ accountId, dueAt: before, id, retainedUntil }: FileRow) {
  await written(() =>
    database()
      .file.patch({ accountId, id })
      .set(heldUntil(retainedUntil))
      .where(({ dueAt: due, status }, { eq }) => `${eq(status, 'ready')} AND ${eq(due, before)}`)
      .go({ response: 'all_new' }),
  );
}

/** Keeps what was seen inside a file, for whoever asks next. */
export async function keepFacts({ accountId, id }: FileKey, facts: string): Promise<void> {
  await written(() =>
    database()
      .file.patch({ accountId, id })
      .set({ facts })
      .where(({ status }, { eq }) => eq(status, 'ready'))
      .go({ response: 'all_new' }),
  );
}

/**
 * Marks a file whose bytes are to go. While more may come to an address it is looked after once
 * more. False: it has changed meanwhile.
 */
export async function markDeleted({
  accountId,
  id,
  openUntil,
  status: before,
}: FileRow): Promise<boolean> {
  const row = await written(() =>
    database()
      .file.patch({ accountId, id })
      .set({ status: 'deleted', ...heldUntil(Math.max(openUntil, clock.now())) })
      .where(({ status }, { eq }) => eq(status, before))
      .go({ response: 'all_new' }),
  );
  return row !== undefined;
}

/** Marks a file whose bytes have just been removed, for good if no address takes more. */
export async function markOver(row: FileRow): Promise<void> {
  const { accountId, id, dueAt: due, openUntil, status } = row;
  const expiresAt = Math.ceil((clock.now() + keptRowMilliseconds) / 1000);
  const isOver = openUntil <= clock.now();
  await written(() =>
    database()
      .file.patch({ accountId, id })
      .set({
        ...(isOver ? { watch: 'over', dueAt: due, expiresAt } : heldUntil(openUntil)),
      })
      .where(({ status: now }, { eq }) => eq(now, status))
      .go({ response: 'all_new' }),
  );
}

/** Files that may have bytes which should be there no more, the longest due first. */
export async function findDue(limit: number): Promise<FileRow[]> {
  const { data } = await database()
    .file.query.byDueTime({ watch: 'held' })
    .lte({ dueAt: dueAt(clock.now()) })
    .go({ limit });
  return data;
}

async function written<T>(write: () => Promise<{ data: T }>): Promise<T | undefined> {
  try {
    return (await write()).data ?? undefined;
  } catch (error) {
    if (isConditionFailure(error)) return undefined;
    throw error;
  }
}
