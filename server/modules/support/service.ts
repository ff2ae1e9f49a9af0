import { isoTime } from '../../platform/clock.ts';
import { findAccount } from '../account/service.ts';
import { listRequests, readQuota } from '../usage/service.ts';

export { openAttachment } from './attach.ts';
export { deleteConversations } from './forget.ts';
export { listConversations, listMessages, searchConversations } from './lists.ts';
export {
  createCanned,
  deleteCanned,
  listCanned,
  updateCanned,
  updateConversation,
} from './manage.ts';
export { markMessages } from './marks.ts';
export { readOffice } from './office-hours.ts';
export { listOperators, markOperator } from './operators.ts';
export { beginConversation, postMessage } from './post.ts';
export { findKey, readConversation } from './rows.ts';
export { toPublicMessage } from './schema.ts';
export { supportRound, sweepConversations } from './sweep.ts';
export { tellTyping } from './tell.ts';

const shownCalls = 10;

/** Who a customer is, for whoever answers, with plan and last calls; null once it is deleted. */
export async function describeCustomer(accountId: string) {
  const account = await findAccount(accountId);
  if (!account) return null;
  const { createdAt, email, id, name, plan } = account;
  const [{ limit, remaining }, { rows: calls }] = await Promise.all([
    readQuota(account),
    listRequests(accountId, { limit: shownCalls }),
  ]);
  return {
    id,
    name,
    email,
    plan,
    created_at: isoTime(createdAt),
    quota: { limit, remaining },
    calls: calls.map(({ code = null, createdAt: at, id: callId, status, tool }) => ({
      id: callId,
      tool,
      status,
      code,
      at: isoTime(at),
    })),
  };
}
