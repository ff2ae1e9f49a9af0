import { changeConversation, readMessage } from './rows.ts';
import {
  type ConversationKey,
  type ConversationRow,
  type MessageRow,
  type Side,
  unreadOf,
} from './schema.ts';
import { tellMark } from './tell.ts';

/**
 * Notes how far a side has come. It only moves forward, so that marks which arrive late or twice
 * change nothing, and what came after the mark stays unread.
 */
export async function markMessages(
  key: ConversationKey,
  { mark, seq, side }: { side: Side; seq: number; mark: 'delivered' | 'read' },
): Promise<ConversationRow> {
  const { isMoved, row } = await changeConversation(key, async (before) => {
    const upTo = Math.min(seq, side === 'customer' ? before.lastVisibleSeq : before.lastSeq);
    const message = upTo === 0 ? undefined : await readMessage(key.id, upTo);
    const after = message ? moved(before, message, { isRead: mark === 'read', side }) : before;
    if (after === before) return { result: { isMoved: false, row: before } };
    return { next: after, result: { isMoved: true, row: after } };
  });
  if (isMoved) await tellMark(row, side);
  return row;
}

function moved(
  row: ConversationRow,
  { customerCount, operatorCount, seq }: MessageRow,
  { isRead, side }: { isRead: boolean; side: Side },
): ConversationRow {
  if (side === 'operator') {
    const operatorDeliveredSeq = Math.max(row.operatorDeliveredSeq, seq);
    if (isRead && seq > row.operatorReadSeq)
      return {
        ...row,
        operatorDeliveredSeq,
        operatorReadSeq: seq,
        operatorReadCount: customerCount,
      };
    return seq > row.operatorDeliveredSeq ? { ...row, operatorDeliveredSeq } : row;
  }
  const customerDeliveredSeq = Math.max(row.customerDeliveredSeq, seq);
  if (!isRead || seq <= row.customerReadSeq)
    return seq > row.customerDeliveredSeq ? { ...row, customerDeliveredSeq } : row;
  const read = {
    ...row,
    customerDeliveredSeq,
    customerReadSeq: seq,
    customerReadCount: operatorCount,
  };
  // All is read: there is nothing left to write a mail about, and the next answer begins a new run.
  if (unreadOf(read, 'customer') > 0) return read;
  return { ...read, customerMailAt: undefined, isCustomerMailed: false };
}
