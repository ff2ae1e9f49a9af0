import {
  adminSupportChannel,
  conversationChannel,
  type RealtimeEvent,
  userChannel,
} from '@nebula/contract/realtime';
import { notifyAccount } from '../notification/service.ts';
import { hint, publish } from '../realtime/service.ts';
import type { ConversationKey, ConversationRow, MessageRow, Side } from './schema.ts';

/** Tells both sides that there is something to fetch; of a note the operators alone. */
export async function tellMessage(row: ConversationRow, message: MessageRow): Promise<void> {
  const { isNote, seq, side: by } = message;
  const facts = { conversation_id: row.id, seq, by };
  await publish(isNote ? adminSupportChannel : channelsOf(row), 'message.created', facts);
  if (by === 'operator' && !isNote)
    await notifyAccount(row.accountId, 'support.reply', {
      title: 'The support has answered',
      text: row.subject,
      link: `/dashboard?conversation=${row.id}`,
      group: row.id,
    });
}

/** Tells both sides how far one of them has come. */
export async function tellMark(row: ConversationRow, side: Side): Promise<void> {
  const isCustomer = side === 'customer';
  await publish(channelsOf(row), 'message.read', {
    conversation_id: row.id,
    by: side,
    read_seq: isCustomer ? row.customerReadSeq : row.operatorReadSeq,
    delivered_seq: isCustomer ? row.customerDeliveredSeq : row.operatorDeliveredSeq,
  });
}

/** Tells that somebody writes; worth nothing a moment later. */
export function tellTyping(id: string, by: Side, name: string): void {
  hint(conversationChannel(id), 'typing', { conversation_id: id, by, name });
}

/** Tells of a change that an operator has made. */
export async function tellChange(
  row: ConversationRow,
  event: Extract<RealtimeEvent, `conversation.${string}`>,
): Promise<void> {
  const facts = { conversation_id: row.id, assignee: row.assigneeName ?? null };
  await publish(channelsOf(row), event, facts);
}

const channelsOf = ({ accountId, id }: ConversationKey) => [
  conversationChannel(id),
  userChannel(accountId),
  adminSupportChannel,
];
