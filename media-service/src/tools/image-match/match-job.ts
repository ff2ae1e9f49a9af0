import { AppError, isAppError } from '@nebula/contract/errors';
import type { RunOptions } from '@nebula/contract/tool';
import type { tools } from '@nebula/contract/tools';
import { matchMethods } from '@nebula/contract/tools/image-match';
import type { Job } from '../../jobs/job.ts';

export type MatchOptions = RunOptions<(typeof tools)['image-match']>;
export type MatchJob = Job<MatchOptions>;

/** The methods in the order in which results name them. */
export function effectiveOptions({ methods, threshold, visual }: MatchOptions) {
  return { methods: matchMethods.filter((method) => methods.includes(method)), threshold, visual };
}

/** Says which picture an error of the input is about; other errors stay as they are. */
export function blame(error: unknown, param: string): unknown {
  const isOfInput = isAppError(error) && error.status === 422;
  if (!isOfInput) return error;
  return new AppError(error.code, error.message, { ...error.details, param, cause: error });
}
