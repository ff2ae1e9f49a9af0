import type { AppError } from '@nebula/contract/errors';
import type { ToolId } from '@nebula/contract/tools';
import type { Context } from './context.ts';
import { logRequest } from './modules/usage/service.ts';
import { clock } from './platform/clock.ts';
import { logger } from './platform/logger.ts';

/** How a call was answered: with what its procedure gave, or with an error. */
export type AnsweredCall = { output: unknown } | { error: AppError };

/**
 * Notes a call of a tool in the log of its account; a caller that is not known has none. Nobody
 * waits for it, and it never fails the call.
 *
 * @param call `startedAt` is in milliseconds
 */
export function logToolCall(
  ctx: Context,
  { startedAt, tool, ...answered }: { tool: ToolId; startedAt: number } & AnsweredCall,
): void {
  const { actor, address, measured, requestId } = ctx;
  if (actor.kind === 'anonymous') return;
  try {
    logRequest({
      accountId: actor.account.id,
      requestId,
      keyId: actor.kind === 'key' ? actor.keyId : undefined,
      tool,
      bytesIn: measured?.bytesIn ?? 0,
      ...('error' in answered ? ofError(answered.error) : ofOutput(answered.output)),
      totalMs: clock.now() - startedAt,
      address,
      createdAt: startedAt,
    });
  } catch (error) {
    logger().error({ err: error }, 'a call was not logged');
  }
}

const ofError = ({ code, status }: AppError) => ({ code, status, bytesOut: 0 });

/** A run that has ended, or one that goes on after its answer. */
type Answered = {
  accepted?: unknown;
  files?: { size: number }[];
  result?: { timing?: { queue_ms: number; run_ms: number } };
};

function ofOutput(output: unknown) {
  const { accepted, files = [], result } = output as Answered;
  return {
    status: accepted === undefined ? 200 : 202,
    bytesOut: files.reduce((sum, { size }) => sum + size, 0),
    queueMs: result?.timing?.queue_ms,
    runMs: result?.timing?.run_ms,
  };
}
