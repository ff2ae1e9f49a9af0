import { AppError, type ErrorCode, type WireError } from '@nebula/contract/errors';
import type { Context } from './context.ts';
import { claimKey } from './modules/idempotency/service.ts';
import {
  landFiles,
  openRun,
  type StoredRun,
  storeFiles,
  type ToolRun,
} from './modules/tool-run/service.ts';
import { logger } from './platform/logger.ts';
import { fingerprint } from './platform/seal.ts';

/** What is kept of a request that has ended: its answer, its stored run, or its error. */
type Outcome = { answer: unknown } | { run: StoredRun } | { error: WireError };

/** A request that is run once for its `Idempotency-Key`. */
export type OnceCall = {
  /** Notes the output, and gives it back as it can be sent. */
  keep: (output: unknown) => Promise<unknown>;
  /**
   * Notes an error that lies in the request alone. After one of the moment, what was begun may go on
   * all the same, and an equal request finds it; after any other the key is free again.
   */
  fail: (error: AppError) => Promise<void>;
};

/** Thrown instead of running a request again: what it gave the first time. */
export class Replay extends Error {
  readonly output: unknown;

  constructor(output: unknown) {
    super('The request was answered before.');
    this.output = output;
  }
}

/** Errors that lie in the request alone: it would fail in the same way for ever. */
const lastingStatuses = new Set([413, 415, 422]);

/** Errors of which nobody knows what the request has done before. */
const momentCodes = new Set<ErrorCode>(['client_closed', 'internal', 'unavailable']);

/**
 * Claims a request for its key, once its caller and its body are known. An equal request gets the
 * same answer for 24 hours, whether the first answer reached anybody or not.
 *
 * @throws Replay, or the AppError that the first request ended with; `conflict` while it runs
 */
export async function claimOnce(
  ctx: Context,
  request: {
    route: string;
    input: unknown;
    isToolRun: boolean;
    /** Another key of the account gets an answer of its own. */
    isOwnOnly: boolean;
  },
): Promise<OnceCall | undefined> {
  const { actor, idempotencyKey: key } = ctx;
  if (key === undefined) return undefined;
  const { input, isOwnOnly, isToolRun } = request;
  const body = canonical(input);
  // Of somebody unknown the whole request stands for the caller: no two of them share a key.
  const accountId =
    actor.kind === 'anonymous' ? `anonymous-${fingerprint('caller', body)}` : actor.account.id;
  const caller = 'keyId' in actor ? actor.keyId : actor.kind;
  const route = isOwnOnly ? `${request.route}@${caller}` : request.route;
  const claim = await claimKey({ accountId, route, key, body });
  if (claim.outcome !== undefined) {
    ctx.replyHeaders.set('idempotency-replayed', 'true');
    throw await replay(JSON.parse(claim.outcome) as Outcome);
  }
  if (ctx.once) ctx.once.workId = claim.workId;
  const note = (outcome: Outcome) => claim.finish(JSON.stringify(outcome));
  return {
    keep: async (output) => {
      if (!isToolRun || !ctx.spool || 'accepted' in (output as object)) {
        await note({ answer: output });
        return output;
      }
      const run = output as ToolRun;
      const landed = { ...run, files: await landFiles(run.files, ctx.spool) };
      // It was run and charged: its caller gets it, whether it can be kept or not.
      const stored = await storeRun(landed, `replays/${accountId}/${ctx.requestId}`).catch(
        noteUnkept,
      );
      await (stored ? note({ run: stored }) : claim.leave());
      return landed;
    },
    fail: (error) => {
      if (lastingStatuses.has(error.status)) return note({ error: error.toWire() });
      const mayGoOn = momentCodes.has(error.code) && ctx.once?.workId !== undefined;
      return mayGoOn ? claim.leave() : claim.release();
    },
  };
}

/** Whether its caller has hung up or not: who asks again gets it. */
async function storeRun(run: ToolRun, folder: string): Promise<StoredRun> {
  const stored = await storeFiles(run.files, folder);
  const files = stored.map((file, at) => ({ ...file, id: run.job?.files[at]?.id ?? file.id }));
  return { ...run, files };
}

const noteUnkept = (error: unknown) =>
  logger().warn({ err: error }, 'the result of an idempotent request was not kept');

async function replay(outcome: Outcome): Promise<Error> {
  if ('error' in outcome) return AppError.fromWire(outcome.error);
  return new Replay('run' in outcome ? await openRun(outcome.run) : outcome.answer);
}

/** Files count by content and name, not by where they lie; the order of fields is no difference. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    const { path: _path, ...rest } = inner as Record<string, unknown>;
    const entries = Object.entries('sha256' in inner ? rest : inner);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
