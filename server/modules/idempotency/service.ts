import { createHash } from 'node:crypto';
import { AppError } from '@nebula/contract/errors';
import type { EntityItem } from 'electrodb';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';
import { newId } from '../../platform/ids.ts';
import { logger } from '../../platform/logger.ts';
import { fingerprint, seal, unseal } from '../../platform/seal.ts';
import type { idempotencyEntity } from './entity.ts';

const keptSeconds = 24 * 60 * 60;
const leaseMilliseconds = 30_000;
const renewMilliseconds = 10_000;
const maxKeyLength = 255;

/** A request that is being run under a key, or the outcome of the one that was. */
export type Claim =
  | { outcome: string }
  | {
      outcome?: undefined;
      /** A ULID for what the request makes: it may be there already, if its first owner has died. */
      workId: string;
      /** Notes the outcome; equal requests get it for 24 hours. */
      finish: (outcome: string) => Promise<void>;
      /** Leaves the request to the next equal one, which goes on with what it has made. */
      leave: () => Promise<void>;
      /** Forgets the request, so that the next of the key is run. */
      release: () => Promise<void>;
    };

/**
 * Lets one request of a key through. While it runs its lease is renewed; the lease of a process
 * that was killed ends by itself, and then the next request takes over, as it does where the first
 * was left.
 *
 * @throws AppError `invalid_input` for a key that is not one, or came with another body;
 *   `conflict` while the first request runs
 */
export async function claimKey(request: {
  accountId: string;
  /** Procedure and path parameters. */
  route: string;
  key: string;
  /** The whole request as JSON; files by their hash. */
  body: string;
}): Promise<Claim> {
  const { accountId, body, key, route } = request;
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > maxKeyLength) throw badKey(key);
  const row = { accountId, id: `${route}#${sha256(key)}` };
  const requestHash = fingerprint('request', body);
  const owner = newId('req');
  const workId = newId('job').slice('job_'.length);
  let held = await takeLease(row, { requestHash, owner, workId });
  if (held && held.requestHash !== requestHash) throw otherBody();
  if (held && isLeft(held)) held = await takeOver(row, held, owner);
  if (held?.outcome !== undefined) {
    const outcome = unseal(sealedFor(key), held.outcome);
    if (outcome === undefined) throw unreadable();
    return { outcome };
  }
  if (held?.owner !== owner) throw inFlight();
  return openClaim(row, owner, key, held.workId ?? workId);
}

type Row = { accountId: string; id: string };

type Held = EntityItem<typeof idempotencyEntity>;

/** Its owner has noted nothing in time, or has left it to the next. */
const isLeft = ({ leaseUntil, outcome }: Held) => outcome === undefined && leaseUntil < clock.now();

/** Writes the row where there is none, or its time is over. */
function takeLease(row: Row, request: Pick<Held, 'owner' | 'requestHash' | 'workId'>) {
  const now = clock.now();
  const expiresAt = Math.floor(now / 1000) + keptSeconds;
  const lease = { ...row, ...request, leaseUntil: now + leaseMilliseconds, expiresAt };
  return afterWrite(row, () =>
    database()
      .idempotency.put(lease)
      .where(
        (is, { lt, notExists }) =>
          `${notExists(is.id)} OR ${lt(is.expiresAt, Math.floor(now / 1000))}`,
      )
      .go(),
  );
}

/** Goes on with the request of another owner, and with the name of what that was making. */
function takeOver(row: Row, before: Held, owner: string) {
  const now = clock.now();
  return afterWrite(row, () =>
    database()
      .idempotency.patch(row)
      .set({ owner, leaseUntil: now + leaseMilliseconds })
      .where(
        (is, { eq, lt, notExists }) =>
          `${eq(is.owner, before.owner)} AND ${notExists(is.outcome)} AND ${lt(is.leaseUntil, now)}`,
      )
      .go({ response: 'all_new' }),
  );
}

/**
 * The row as it is after a write that may be refused. A write whose answer was lost is refused when
 * it is repeated; the owner tells whose it was.
 */
async function afterWrite(
  row: Row,
  write: () => Promise<{ data: unknown }>,
): Promise<Held | undefined> {
  try {
    return (await write()).data as Held;
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
    const { data } = await database().idempotency.get(row).go({ consistent: true });
    return data ?? undefined;
  }
}

function openClaim(row: Row, owner: string, key: string, workId: string): Claim {
  const renewal = setInterval(() => {
    patch(row, owner, { leaseUntil: clock.now() + leaseMilliseconds }).catch(noteFailure);
  }, renewMilliseconds);
  renewal.unref();
  return {
    workId,
    finish: async (outcome) => {
      clearInterval(renewal);
      await patch(row, owner, { outcome: seal(sealedFor(key), outcome) }).catch(noteFailure);
    },
    leave: async () => {
      clearInterval(renewal);
      await patch(row, owner, { leaseUntil: 0 }).catch(noteFailure);
    },
    release: async () => {
      clearInterval(renewal);
      await database()
        .idempotency.remove(row)
        .where((is, { eq }) => eq(is.owner, owner))
        .go()
        .catch(noteFailure);
    },
  };
}

/** A former owner, whose lease has ended, changes nothing. */
async function patch(row: Row, owner: string, change: { outcome?: string; leaseUntil?: number }) {
  await database()
    .idempotency.patch(row)
    .set(change)
    .where((is, { eq }) => eq(is.owner, owner))
    .go();
}

const noteFailure = (error: unknown) => {
  if (!isConditionFailure(error))
    logger().error({ err: error }, 'the outcome of an idempotent request was not noted');
};

/** An answer may hold a secret, such as a new API key; the caller's own key alone opens it. */
const sealedFor = (key: string) => `idempotency:${key}`;

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url');

function badKey(key: string): AppError {
  const message = `Expected an Idempotency-Key of 1 to ${maxKeyLength} printable ASCII characters without spaces, received ${key.length} characters.`;
  return new AppError('invalid_input', message, { param: 'Idempotency-Key' });
}

function inFlight(): AppError {
  const message = 'A request with this Idempotency-Key is still running. Ask again in a moment.';
  return new AppError('conflict', message, { param: 'Idempotency-Key', retryAfterSeconds: 1 });
}

function unreadable(): AppError {
  const message = 'The answer to this Idempotency-Key can no longer be read. Use a new key.';
  return new AppError('conflict', message, { param: 'Idempotency-Key' });
}

function otherBody(): AppError {
  const message =
    'This Idempotency-Key was used with another request in the last 24 hours. Use a new key for a new request.';
  return new AppError('invalid_input', message, { param: 'Idempotency-Key' });
}
