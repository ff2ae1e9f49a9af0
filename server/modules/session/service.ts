import { AppError } from '@nebula/contract/errors';
import { database } from '../../database.ts';
import { rememberBriefly } from '../../platform/brief-memory.ts';
import { clock } from '../../platform/clock.ts';
import { despiteConflicts, isConditionFailure } from '../../platform/dynamo.ts';
import { newId } from '../../platform/ids.ts';
import { logger } from '../../platform/logger.ts';
import {
  type RefreshClaim,
  readRefreshToken,
  sessionSeconds,
  signRefreshToken,
} from '../../platform/tokens.ts';
import { type Beside, writeTogether } from '../../write-together.ts';
import { type Account, findAccount } from '../account/service.ts';
import { terminateSoon, terminationRow } from '../realtime/service.ts';
import { deviceOf } from './device.ts';

/** A sign-in as its owner sees it. */
export type Session = {
  id: string;
  accountId: string;
  kind: 'browser' | 'token';
  device: string;
  address: string;
  generation: number;
  rotatedAt?: number;
  passwordGeneration?: number;
  createdAt: number;
  lastUsedAt: number;
  expiresAt: number;
};

/** Where a sign-in comes from. */
export type Origin = { address: string; userAgent?: string };

/** A lost answer may be asked for again so long; later it is a stolen token. */
const graceMilliseconds = 10_000;
const touchMilliseconds = 60_000;

/** @param passwordGeneration of the password that was shown; the session ends where another is set */
export async function createSession(
  accountId: string,
  kind: Session['kind'],
  { address, userAgent }: Origin,
  passwordGeneration = 0,
): Promise<Session> {
  const now = clock.now();
  const session = {
    accountId,
    id: newId('ses'),
    kind,
    device: deviceOf(userAgent),
    address,
    generation: 0,
    passwordGeneration,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: endFrom(now),
  };
  await database().session.create(session).go();
  return session;
}

/** Whether a session goes on. One that was ended is refused by every process within 5 seconds. */
export async function isSessionLive(accountId: string, id: string): Promise<boolean> {
  const session = await findLive(accountId, id);
  if (session) touch(session, clock.now());
  return session !== undefined;
}

/** Whether a session goes on, as `isSessionLive` tells; asking is no use of it. */
export async function hasSession(accountId: string, id: string): Promise<boolean> {
  sessions.forget(`${accountId}.${id}`);
  return (await findLive(accountId, id)) !== undefined;
}

async function findLive(accountId: string, id: string): Promise<Session | undefined> {
  const key = `${accountId}.${id}`;
  const [account, remembered] = await Promise.all([findAccount(accountId), sessions.get(key)]);
  // What is remembered of a session that was kept is older than the password.
  if (isBehind(remembered, account)) sessions.forget(key);
  const session = await sessions.get(key);
  if (!session || session.expiresAt * 1000 <= clock.now()) return undefined;
  return isBehind(session, account) ? undefined : session;
}

/** A password was set that the session did not begin with, and was not kept at. */
const isBehind = (session: Session | undefined, account: Account | undefined) =>
  session !== undefined && (session.passwordGeneration ?? 0) < (account?.passwordGeneration ?? 0);

/**
 * Exchanges a refresh token for the next one. A condition on the row lets exactly one of many
 * callers through; the others get the same successor for ten seconds. A token from further back was
 * stolen or leaked: it ends the session, which is what `reused` tells.
 *
 * @throws AppError `unauthenticated`
 */
export async function rotateSession(
  token: string,
): Promise<{ claim: RefreshClaim; token: string } | { reused: Session }> {
  const claim = readRefreshToken(token);
  if (!claim) throw sessionEnded();
  const { accountId, generation, sessionId: id } = claim;
  const now = clock.now();
  const account = await findAccount(accountId);
  const needed = account?.passwordGeneration ?? 0;
  const isRotated = await changeSession(() =>
    database()
      .session.patch({ accountId, id })
      .set({ generation: generation + 1, rotatedAt: now, lastUsedAt: now, expiresAt: endFrom(now) })
      .where(
        (row, { eq, gt, gte }) =>
          `${eq(row.generation, generation)} AND ${gt(row.expiresAt, Math.floor(now / 1000))}${
            needed === 0 ? '' : ` AND ${gte(row.passwordGeneration, needed)}`
          }`,
      )
      .go(),
  );
  if (isRotated) return successorOf(claim);
  const { data } = await database().session.get({ accountId, id }).go({ consistent: true });
  if (!data || data.expiresAt * 1000 <= now || isBehind(data, account)) throw sessionEnded();
  const isRepeated = data.generation === generation + 1;
  if (isRepeated && now - (data.rotatedAt ?? 0) <= graceMilliseconds) return successorOf(claim);
  await endSession(accountId, id);
  return { reused: data };
}

const linkMilliseconds = 10 * 60_000;

/**
 * Lets the owner of a session link another way to sign in, once and soon.
 *
 * @throws AppError `unauthenticated` where it has ended meanwhile
 */
export async function giveLinkLeave(accountId: string, id: string): Promise<void> {
  const linkUntil = clock.now() + linkMilliseconds;
  const isGiven = await changeSession(() =>
    database().session.patch({ accountId, id }).set({ linkUntil }).go(),
  );
  if (!isGiven) throw sessionEnded();
}

/** Uses the leave up. @returns whether there was one */
export function takeLinkLeave(accountId: string, id: string): Promise<boolean> {
  return changeSession(() =>
    database()
      .session.patch({ accountId, id })
      .remove(['linkUntil'])
      .where(({ linkUntil }, { gt }) => gt(linkUntil, clock.now()))
      .go(),
  );
}

/** False: the session has ended, or is not as the write expects it. */
async function changeSession(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await despiteConflicts(write);
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
}

/** The sessions of an account, the one that was used last first. */
export async function listSessions(accountId: string): Promise<Session[]> {
  const [{ data }, account] = await Promise.all([
    database().session.query.byAccount({ accountId }).go({ pages: 'all' }),
    findAccount(accountId),
  ]);
  const now = clock.now() / 1000;
  return data
    .filter((session) => session.expiresAt > now && !isBehind(session, account))
    .sort((a, b) => b.lastUsedAt - a.lastUsedAt);
}

/** Ends a session, and closes its live connections. @returns whether there was one */
export async function endSession(accountId: string, id: string): Promise<boolean> {
  const termination = terminationRow(id);
  const isEnded = await writeTogether(({ realtimeEvent, session }) => [
    session
      .delete({ accountId, id })
      .where(({ createdAt }, { exists }) => exists(createdAt))
      .commit(),
    ...(termination ? [realtimeEvent.create(termination).commit()] : []),
  ]);
  sessions.set(`${accountId}.${id}`, undefined);
  if (isEnded) terminateSoon(id);
  return isEnded;
}

/** Ends every session of an account, but the one that is kept. */
export async function endAllSessions(accountId: string, keptId?: string): Promise<void> {
  const all = database().session.query.byAccount({ accountId });
  const { data } = await all.go({ pages: 'all', consistent: true });
  const others = data.filter(({ id }) => id !== keptId);
  await Promise.all(others.map(({ id }) => endSession(accountId, id)));
}

/** What lets a session go on that sets a password, beside that; it has to be there. */
export const keepSession =
  (accountId: string, id: string): Beside =>
  ({ session }) => [session.patch({ accountId, id }).add({ passwordGeneration: 1 }).commit()];

const sessions = rememberBriefly(async (key): Promise<Session | undefined> => {
  const [accountId = '', id = ''] = key.split('.');
  const { data } = await database().session.get({ accountId, id }).go({ consistent: true });
  return data ?? undefined;
});

/** Notes the use at most once a minute; a session of the dashboard lives on by it. */
function touch(session: Session, now: number): void {
  if (now - session.lastUsedAt < touchMilliseconds) return;
  session.lastUsedAt = now;
  const { accountId, id, kind } = session;
  const expiresAt = kind === 'browser' ? endFrom(now) : session.expiresAt;
  database()
    .session.patch({ accountId, id })
    .set({ lastUsedAt: now, expiresAt })
    .go()
    .catch((error: unknown) => logger().warn({ err: error }, 'the use of a session was not noted'));
}

const endFrom = (now: number) => Math.floor(now / 1000) + sessionSeconds;

function successorOf(claim: RefreshClaim) {
  const next = { ...claim, generation: claim.generation + 1 };
  return { claim: next, token: signRefreshToken(next) };
}

/** The same for every reason why a session does not go on. */
export const sessionEnded = () =>
  new AppError('unauthenticated', 'The session has ended; sign in again.');
