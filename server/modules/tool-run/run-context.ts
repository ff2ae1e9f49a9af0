import { AppError } from '@nebula/contract/errors';
import type { Actor, Context } from '../../context.ts';
import type { Spool } from '../../platform/spool.ts';

/** A call whose caller is known. */
export type RunContext = Context & { actor: Exclude<Actor, { kind: 'anonymous' }> };

/** What a test key makes is kept apart from what is paid for. */
export const modeOf = ({ actor }: RunContext): 'live' | 'test' =>
  actor.kind === 'key' ? actor.mode : 'live';

export function requireSpool(ctx: RunContext): Spool {
  if (ctx.spool) return ctx.spool;
  const message = 'Tools are run over the REST API: POST /api/v1/tools/{tool}.';
  throw new AppError('method_not_allowed', message);
}
