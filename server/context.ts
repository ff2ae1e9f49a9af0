import { AppError } from '@nebula/contract/errors';
import type { PlanId } from '@nebula/contract/plans';
import { type Account, findAccount } from './modules/account/service.ts';
import {
  type ActiveKey,
  findActiveKey,
  isAddressAllowed,
  noteKeyUse,
} from './modules/api-key/service.ts';
import { isSessionLive } from './modules/session/service.ts';
import type { KeyCap } from './modules/usage/service.ts';
import { readSession } from './platform/session.ts';
import type { Spool } from './platform/spool.ts';
import { readAccessToken, type TokenSubject } from './platform/tokens.ts';

/** Who calls: nobody known, a key, or a signed-in person in the dashboard. */
export type Actor =
  | { kind: 'anonymous' }
  | {
      kind: 'key';
      account: Account;
      keyId: string;
      mode: 'live' | 'test';
      scopes: string[];
      /** The key as it is stored, with limits of its own. */
      key: ActiveKey;
    }
  | { kind: 'session'; account: Account; sessionId: string };

/** What a procedure knows of the call beside its input. */
export type Context = {
  requestId: string;
  /** `rest` for the public API, `trpc` for the dashboard's own mount. */
  transport: 'rest' | 'trpc';
  actor: Actor;
  /** Set when credentials were sent that are not valid; says why. */
  credentialProblem?: string;
  /** The caller's network address. */
  address: string;
  /** What the caller says that it is. */
  userAgent?: string;
  signal: AbortSignal;
  /** Headers that the answer will carry, also when the call fails. */
  replyHeaders: Map<string, string>;
  /** What the caller wants a tool's answer to be. */
  answer: 'bytes' | 'json';
  /** The caller would rather have a job to ask about later. */
  prefersAsync: boolean;
  /** So long it waits for the job before that, in seconds. */
  waitSeconds?: number;
  /** The `Last-Event-ID` of a stream that broke off. */
  lastEventId?: string;
  /** The `Idempotency-Key` of a POST. */
  idempotencyKey?: string;
  /**
   * What the call makes, named by the claim of its key; every part of it reads the same. Without a
   * name there is nothing that an equal call could go on with.
   */
  once?: { workId?: string };
  /** What is known of the call as it goes on, for the log; every part of it writes to the same. */
  measured?: { bytesIn: number };
  /** Files of this call on disk; absent where files cannot arrive. */
  spool?: Spool;
};

/** What every kind of request offers. */
export type CallerRequest = {
  method: string;
  headers: Headers;
  /** Own origin, e.g. `https://nebula.example`. */
  origin: string;
  /** The caller's network address; a key may be bound to some. */
  address: string;
};

/** Turns an API key or a same-origin session into an actor. */
export async function identifyActor(
  request: CallerRequest,
): Promise<{ actor: Actor; credentialProblem?: string }> {
  const secret = bearerToken(request.headers);
  if (secret !== undefined) {
    if (!secret.startsWith('nb_')) return identifyPerson(await readAccessToken(secret));
    const key = await findActiveKey(secret);
    const account = key && (await findAccount(key.accountId));
    if (!key || !account) return refused(wrongCredential);
    if (account.isSuspended)
      throw new AppError('account_suspended', 'The account of this API key is suspended.');
    if (!isAddressAllowed(key, request.address))
      throw new AppError('forbidden', 'The API key may not be used from this address.');
    noteKeyUse(key);
    const { id: keyId, mode, scopes } = key;
    return { actor: { kind: 'key', account, keyId, mode, scopes, key } };
  }
  const session = await readSession(request.headers);
  if (!session) return { actor: { kind: 'anonymous' } };
  assertSameOrigin(request);
  return identifyPerson(session);
}

/** The person behind a session that goes on. */
export async function identifyPerson(
  subject: TokenSubject | undefined,
): Promise<{ actor: Actor; credentialProblem?: string }> {
  if (!subject) return refused(wrongCredential);
  const { accountId, sessionId } = subject;
  const [account, isLive] = await Promise.all([
    findAccount(accountId),
    isSessionLive(accountId, sessionId),
  ]);
  if (!account || account.isSuspended || !isLive) return refused('The session has ended.');
  return { actor: { kind: 'session', account, sessionId } };
}

/** The plan whose limits apply to a caller. */
export function planOf(actor: Actor): PlanId {
  return actor.kind === 'anonymous' ? 'free' : actor.account.plan;
}

/** The limit that a key has of its own on the units of a month; test keys use none. */
export function capOf(actor: Actor): KeyCap | undefined {
  if (actor.kind !== 'key' || actor.mode === 'test') return undefined;
  const { accountId, id: keyId, monthlyCap: limit } = actor.key;
  return limit === undefined ? undefined : { accountId, keyId, limit };
}

const wrongCredential = 'The API key or the access token is wrong, expired or revoked.';

function refused(credentialProblem: string) {
  return { actor: { kind: 'anonymous' } as const, credentialProblem };
}

function bearerToken(headers: Headers): string | undefined {
  const authorization = headers.get('authorization');
  const bearer = authorization ? /^Bearer\s+(.+)$/i.exec(authorization)?.[1]?.trim() : undefined;
  return bearer ?? headers.get('x-api-key')?.trim() ?? undefined;
}

/** A cookie is sent by the browser whoever asks for it: the page that asks must be ours. */
function assertSameOrigin({ headers, method, origin }: CallerRequest): void {
  const from = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  const isSafe = method === 'GET' || method === 'HEAD';
  if (from === origin || (from === null && (site === 'same-origin' || isSafe))) return;
  throw new AppError('forbidden', 'A session is accepted from the dashboard itself only.');
}
