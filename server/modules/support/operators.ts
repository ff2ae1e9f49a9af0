import { adminSupportChannel } from '@nebula/contract/realtime';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import type { Account } from '../account/service.ts';
import { publish } from '../realtime/service.ts';

/** Pages say every half a minute that they are open; who has closed one without a word is gone then. */
const hereMilliseconds = 90_000;

export type Operator = { id: string; name: string; seenAt: number };

/** Who of the support has the inbox open now. */
export async function listOperators(): Promise<Operator[]> {
  const { data } = await database().operatorPresence.query.all({}).go({ pages: 'all' });
  return data
    .filter(({ seenAt }) => seenAt > clock.now() - hereMilliseconds)
    .map(({ name, operatorId, seenAt }) => ({ id: operatorId, name, seenAt }))
    .sort((one, two) => one.name.localeCompare(two.name));
}

/** Notes that an operator has the inbox open, or has left it; the others are told when that is new. */
export async function markOperator({ id, name }: Account, isHere: boolean): Promise<void> {
  const wasHere = (await listOperators()).some((each) => each.id === id);
  const { operatorPresence } = database();
  if (isHere) {
    const seenAt = clock.now();
    const expiresAt = Math.ceil((seenAt + hereMilliseconds) / 1000);
    await operatorPresence.put({ operatorId: id, name, seenAt, expiresAt }).go();
  } else await operatorPresence.delete({ operatorId: id }).go();
  if (isHere === wasHere) return;
  await publish(adminSupportChannel, 'admin.presence', { operator_id: id, name, is_here: isHere });
}
