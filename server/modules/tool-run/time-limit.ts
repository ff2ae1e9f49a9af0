import { AppError } from '@nebula/contract/errors';
import type { Plan } from '@nebula/contract/plans';

/**
 * The time that a run may take, in milliseconds.
 *
 * @throws AppError `invalid_input` where the tool would allow it, and the plan does not
 */
export function timeLimitOf(plan: Plan, options: Record<string, unknown>): number {
  const seconds = options.timeout_seconds as number;
  const { id, maxTimeoutSeconds: limit, name } = plan;
  if (seconds <= limit) return seconds * 1000;
  const message = `Expected timeout_seconds of at most ${limit} on the ${name} plan, received ${seconds}.`;
  throw new AppError('invalid_input', message, {
    param: 'timeout_seconds',
    extra: { limit, plan: id },
  });
}
