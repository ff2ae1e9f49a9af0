import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';

/** The rows that wait to be sent, by the name of their entity. */
export type Waiting = 'outboxMail' | 'outboxPush' | 'realtimeEvent';

/** A moment as the index sorts it. */
export const digits = (milliseconds: number) => String(Math.max(0, milliseconds)).padStart(13, '0');

/** Moves a row so far ahead, in milliseconds, which only one sender can do from the same place. */
export async function claim(
  kind: Waiting,
  { attempts, dueAt, id }: { attempts: number; dueAt: string; id: string },
  lease: number,
): Promise<boolean> {
  // The three differ only in what they carry.
  const rows = database()[kind] as ReturnType<typeof database>['outboxMail'];
  try {
    await rows
      .patch({ id })
      .set({ dueAt: digits(clock.now() + lease), attempts: attempts + 1, queue: 'pending' })
      .where((row, { eq }) => eq(row.dueAt, dueAt))
      .go();
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
}
