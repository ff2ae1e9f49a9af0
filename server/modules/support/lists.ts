import { database } from '../../database.ts';
import { readCursor, signCursor } from '../../platform/cursor.ts';
import { type ConversationRow, type MessageRow, type Side, unreadOf } from './schema.ts';

/** So many of the newest conversations of an account are listed and searched; few have as many. */
const maxConversations = 1_000;

type OwnFilter = {
  status?: ConversationRow['status'];
  q?: string;
  cursor?: string;
  limit: number;
};

/**
 * The conversations of an account from where a cursor says, those that somebody has written into last
 * first, and how many messages of all of them are unread.
 */
export async function listConversations(
  accountId: string,
  { cursor, limit, q = '', status }: OwnFilter,
): Promise<{ rows: ConversationRow[]; nextCursor?: string; unread: number }> {
  const wanted = q.toLowerCase();
  const list = `conversations:${accountId}:${status ?? ''}:${wanted}`;
  const after = cursor === undefined ? undefined : placeIn(readCursor(list, cursor));
  const { data } = await database()
    .conversation.query.byAccount({ accountId })
    .go({ order: 'desc', count: maxConversations });
  const found = data
    .filter((row) => (status === undefined || row.status === status) && hasWords(row, wanted))
    .sort(byLast)
    .filter((row) => after === undefined || byLast(after, row) < 0);
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  return {
    rows,
    nextCursor: last && signCursor(list, `${last.lastMessageAt} ${last.id}`),
    unread: data.reduce((sum, row) => sum + unreadOf(row, 'customer'), 0),
  };
}

/** The one written into last comes first. */
const byLast = (one: Place, two: Place) =>
  two.lastMessageAt - one.lastMessageAt || (one.id < two.id ? 1 : one.id > two.id ? -1 : 0);

/** What a customer may find by: nothing that is written in private. */
const hasWords = ({ said = '', search }: ConversationRow, wanted: string) =>
  search.includes(wanted) || said.includes(wanted);

/**
 * Messages of a conversation, the oldest first: those after a place, those before one, or the
 * newest. The caller has found that it may read the conversation.
 */
export async function listMessages(
  conversationId: string,
  { after, before, limit, side }: { after?: number; before?: number; limit: number; side: Side },
): Promise<{ rows: MessageRow[]; hasMore: boolean }> {
  const all = database().message.query.byConversation({ conversationId });
  const query =
    after !== undefined
      ? all.gt({ seq: after })
      : before !== undefined
        ? all.lt({ seq: before })
        : all;
  const order = after === undefined ? 'desc' : 'asc';
  const { data } = await query
    .where(({ isNote }, { eq }) => (side === 'customer' ? eq(isNote, false) : ''))
    .go({ consistent: true, count: limit + 1, order });
  const rows = data.slice(0, limit);
  return { rows: order === 'asc' ? rows : rows.toReversed(), hasMore: data.length > limit };
}

/** Rows that one search looks at before it answers with what it has. */
const batchRows = 200;
const maxBatches = 10;

/**
 * The conversations of all customers in a state, from where a cursor says. A search that finds little
 * ends after some thousand rows; the cursor goes on from there.
 */
export async function searchConversations({
  cursor,
  limit,
  q = '',
  status,
}: {
  status: ConversationRow['status'];
  q?: string;
  cursor?: string;
  limit: number;
}): Promise<{ rows: ConversationRow[]; nextCursor?: string }> {
  const wanted = q.toLowerCase();
  const list = `admin-conversations:${status}:${wanted}`;
  const after = (row: Place) => signCursor(list, `${row.lastMessageAt} ${row.id}`);
  const rows: ConversationRow[] = [];
  let place = cursor === undefined ? undefined : placeIn(readCursor(list, cursor));
  for (let batch = 0; batch < maxBatches; batch++) {
    const all = database().conversation.query.byStatus({ status });
    const query = place ? all.lt(place) : all;
    const { data } = await query.go({ limit: batchRows, order: 'desc' });
    for (const row of data) {
      place = { id: row.id, lastMessageAt: row.lastMessageAt };
      if (hasWords(row, wanted)) rows.push(row);
      if (rows.length === limit) return { rows, nextCursor: after(place) };
    }
    if (data.length < batchRows) return { rows };
  }
  return { rows, nextCursor: place && after(place) };
}

type Place = Pick<ConversationRow, 'id' | 'lastMessageAt'>;

function placeIn(position: string): Place {
  const [at = '', id = ''] = position.split(' ');
  return { lastMessageAt: Number(at), id };
}
