import { database } from '../../database.ts';
import { readCursor, signCursor } from '../../platform/cursor.ts';
import type { Account } from './schema.ts';

const list = 'accounts';

/** Every account, the newest first, from where a cursor says; for admins. */
export async function listAccounts({
  cursor,
  limit,
}: {
  cursor?: string;
  limit: number;
}): Promise<{ rows: Account[]; nextCursor?: string }> {
  const all = database().account.query.byAge({ directory: 'all' });
  const query = cursor === undefined ? all : all.lt({ id: readCursor(list, cursor) });
  const { data } = await query.go({ order: 'desc', count: limit + 1 });
  const rows = data.slice(0, limit);
  const last = rows.at(-1);
  return { rows, nextCursor: last && data.length > limit ? signCursor(list, last.id) : undefined };
}
