import { AppError, type ErrorCode, errorCodes, publicErrorOf } from '@nebula/contract/errors';
import { explainParse } from '@nebula/contract/explain';
import { TRPCError } from '@trpc/server';
import { ZodError, type z } from 'zod';
import { logger } from '../platform/logger.ts';

type Failed = {
  requestId: string;
  /** Aborted when the caller has hung up. */
  signal: AbortSignal;
  schema?: z.ZodType;
  rawInput?: unknown;
};

/** The public error behind whatever was thrown; the truth of an unexpected one goes to the log. */
export function toPublicError(
  error: unknown,
  { rawInput, requestId, schema, signal }: Failed,
): AppError {
  const known = publicErrorOf(error);
  if (known) {
    if (known.status >= 500) logger().error({ err: known, requestId }, known.message);
    return known;
  }
  const cause = error instanceof TRPCError ? error.cause : error;
  if (cause instanceof ZodError && schema && isInputError(error))
    return explainParse(cause, schema, rawInput);
  if (signal.aborted) return new AppError('client_closed', 'The caller closed the connection.');
  logger().error({ err: error, requestId }, 'unexpected error');
  return new AppError('internal', 'Something went wrong on our side.', { cause: error });
}

const isInputError = (error: unknown) => error instanceof TRPCError && error.code === 'BAD_REQUEST';

/** An error as `application/problem+json` (RFC 9457). */
export function toProblem(error: AppError, requestId: string, docsUrl: string) {
  const entry = errorCodes[error.code];
  const { errors, extra, param } = error.details;
  return {
    type: `${docsUrl}#${error.code}`,
    title: entry.title,
    status: error.status,
    detail: error.message,
    code: error.code satisfies ErrorCode,
    ...(param === undefined ? {} : { param }),
    retryable: error.retryable,
    request_id: requestId,
    docs_url: `${docsUrl}#${error.code}`,
    ...(errors === undefined ? {} : { errors }),
    ...extra,
  };
}
