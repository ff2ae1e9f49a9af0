import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { logger } from '../../platform/logger.ts';
import { startLooker, wakeLooker } from '../../platform/looker.ts';
import { seal, unseal } from '../../platform/seal.ts';
import { claim, digits } from './claim.ts';

export { claim, digits } from './claim.ts';

const rowsAtOnce = 20;
/** How long a row is one sender's own, and how long a failed one waits; the last wait goes on. */
const leaseMilliseconds = 60_000;
const waits = [30_000, 2 * 60_000, 10 * 60_000, 60 * 60_000];

type Options<Content> = {
  /** Which rows are its own; also what their content is sealed for. */
  kind: 'mail' | 'push';
  keptSeconds: number;
  /** So many are sent at the same time. */
  sentAtOnce: number;
  /** Whether there is anybody to send to; until then rows wait. */
  isReady: () => boolean;
  /** What it throws is tried again later. */
  send: (id: string, content: Content) => Promise<void>;
};

/** One outbox: rows that are written with their reason, and sent after it, again until it works. */
export function createOutbox<Content>({
  isReady,
  keptSeconds,
  kind,
  send,
  sentAtOnce,
}: Options<Content>) {
  const entity = kind === 'mail' ? 'outboxMail' : 'outboxPush';
  const rows = () => database()[entity];

  /** @returns when the next is due */
  async function sendDue(): Promise<number | undefined> {
    if (!isReady()) return undefined;
    for (;;) {
      const { data } = await rows().query.due({ queue: 'pending' }).go({ count: rowsAtOnce });
      const due = data.filter(({ dueAt }) => dueAt <= digits(clock.now()));
      // Many that are due at once wait for each other, and not for the next look.
      if ((await sendRows(due)) < rowsAtOnce) return data[0] && Number(data[0].dueAt);
    }
  }

  /** @returns how many this process has taken */
  async function sendRows(due: Parameters<typeof sendRow>[0][]): Promise<number> {
    let taken = 0;
    for (let start = 0; start < due.length; start += sentAtOnce) {
      const some = await Promise.all(due.slice(start, start + sentAtOnce).map(sendRow));
      taken += some.filter((isMine) => isMine).length;
    }
    return taken;
  }

  /** False where another process has taken it. */
  async function sendRow(row: OutboxRow & { attempts: number }): Promise<boolean> {
    const { attempts, content, expiresAt, id } = row;
    const lease = attempts === 0 ? leaseMilliseconds : (waits[attempts - 1] ?? 60 * 60_000);
    if (!(await claim(entity, row, lease))) return false;
    const json = unseal(kind, content);
    if (json !== undefined && expiresAt * 1000 > clock.now()) {
      try {
        await send(id, JSON.parse(json) as Content);
      } catch (error) {
        logger().warn({ err: error, kind, id }, 'something was not sent; it is tried again');
        return true;
      }
    }
    await rows().delete({ id }).go();
    return true;
  }

  return {
    /** The row of something to send, for the transaction that is its reason. */
    row: (content: Content): OutboxRow => {
      const now = clock.now();
      // What was just written should not wait for the next look.
      wakeLooker(kind);
      return {
        id: newId(kind),
        content: seal(kind, JSON.stringify(content)),
        dueAt: digits(now),
        createdAt: now,
        expiresAt: Math.floor(now / 1000) + keptSeconds,
      };
    },

    /** Sends what is due, again and again; every web process may. @returns a function that stops it */
    start: (): (() => Promise<void>) => startLooker({ name: kind, look: sendDue }).stop,
  };
}

type OutboxRow = {
  id: string;
  content: string;
  dueAt: string;
  createdAt: number;
  expiresAt: number;
};
