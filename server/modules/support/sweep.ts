import { database } from '../../database.ts';
import { env } from '../../env.ts';
import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import type { Round } from '../../platform/rounds.ts';
import { mailRow, pageUrl } from '../mail/service.ts';
import { wantsMail } from '../notification/service.ts';
import { listMessages } from './lists.ts';
import { changeConversation } from './rows.ts';
import { type ConversationKey, type ConversationRow, unreadOf } from './schema.ts';

const maxAtOnce = 50;
/** So much one mail holds, whose row has a limit; the rest is behind its link. */
const maxMissed = 50;
const maxMissedBytes = 100_000;

/** Writes the mails that are due; each is written once, whoever sweeps. */
export const supportRound: Round = {
  name: 'support',
  everyMilliseconds: 10_000,
  work: async () => (await sweepConversations()) === maxAtOnce,
};

/** @returns how many conversations were due */
export async function sweepConversations(): Promise<number> {
  const { data } = await database()
    .conversation.query.byDueTime({ watch: 'waiting' })
    .lte({ dueAt: clock.now() })
    .go({ limit: maxAtOnce });
  for (const row of data)
    await sendDue(row).catch((error: unknown) =>
      logger().error({ err: error, conversationId: row.id }, 'a mail of a conversation waits'),
    );
  return data.length;
}

/** The mail goes into the outbox with the note that it has, so two sweepers write one. */
async function sendDue(key: ConversationKey): Promise<void> {
  await changeConversation(key, async (row) => {
    const now = clock.now();
    const isDue = (at: number | undefined) => at !== undefined && at <= now;
    const isCustomerDue = isDue(row.customerMailAt);
    const isOperatorDue = isDue(row.operatorMailAt);
    if (!isCustomerDue && !isOperatorDue) return { result: undefined };
    const { SUPPORT_EMAIL: operators } = env();
    const facts = { subject: row.subject, text: row.lastText };
    const isCustomerMailed =
      isCustomerDue &&
      unreadOf(row, 'customer') > 0 &&
      (await wantsMail(row.accountId, 'support.reply'));
    const missed = isCustomerMailed ? await missedBy(row) : '';
    return {
      next: {
        ...row,
        ...(isCustomerDue ? { customerMailAt: undefined, isCustomerMailed } : {}),
        ...(isOperatorDue ? { operatorMailAt: undefined, isOperatorMailed: true } : {}),
      },
      beside: ({ outboxMail }) => [
        ...(isCustomerMailed
          ? [
              outboxMail
                .create(
                  mailRow(row.customerEmail, 'support_reply', {
                    ...facts,
                    text: missed,
                    url: pageUrl(`/dashboard?conversation=${row.id}`),
                  }),
                )
                .commit(),
            ]
          : []),
        ...(isOperatorDue && operators
          ? [
              outboxMail
                .create(
                  mailRow(operators, 'support_waiting', {
                    ...facts,
                    customer: `${row.customerName} (${row.customerEmail})`,
                    url: pageUrl(`/dashboard/admin/support?conversation=${row.id}`),
                  }),
                )
                .commit(),
            ]
          : []),
      ],
      result: undefined,
    };
  });
}

/** What the support has written since the customer has read last, the oldest first. */
async function missedBy({ customerReadSeq, id }: ConversationRow): Promise<string> {
  const { hasMore, rows } = await listMessages(id, {
    after: customerReadSeq,
    limit: maxMissed,
    side: 'customer',
  });
  const texts = rows.filter(({ side }) => side === 'operator').map(({ text }) => text);
  const fitting = fitTexts(texts);
  const isCut = hasMore || fitting.length < texts.length;
  return [...fitting, ...(isCut ? ['…'] : [])].join('\n\n');
}

/** The first of them, as many as may stand in one row. */
function fitTexts(texts: string[]): string[] {
  const fitting: string[] = [];
  let left = maxMissedBytes;
  for (const text of texts) {
    left -= Buffer.byteLength(JSON.stringify(text));
    if (left < 0) break;
    fitting.push(text);
  }
  return fitting;
}
