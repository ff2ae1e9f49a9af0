import { AppError, isAppError } from '@nebula/contract/errors';
import type { RunOptions } from '@nebula/contract/tool';
import type { tools } from '@nebula/contract/tools';
import type { Job } from '../../jobs/job.ts';

export type MatchOptions = RunOptions<(typeof tools)['image-match']>;
export type MatchJob = Job<MatchOptions>;

/** Says which picture an error of the input is about; other errors stay as they are. */
export function blame(error: unknown, param: string): unknown {
  const isOfInput = isAppError(error) && error.status === 422;
  if (!isOfInput) return error;
  return new AppError(error.code, error.message, { ...error.details, param, cause: error });
}
