import { AppError, isAppError } from '@nebula/contract/errors';

/**
 * An error of an outside system as `unavailable` where that is at fault, down, slow or full; any
 * other as it is. Its client has repeated the call by then.
 *
 * @param system begins a sentence, e.g. `The store of files`
 */
export function asUnavailable(system: string, error: unknown): unknown {
  if (!(error instanceof Error) || isAppError(error) || !isPassing(error)) return error;
  const message = `${system} cannot be reached. Try again in a few seconds.`;
  return new AppError('unavailable', message, { retryAfterSeconds: 2, cause: error });
}

type OutsideError = Error & {
  code?: unknown;
  $metadata?: { httpStatusCode?: number };
  $retryable?: object;
};

const passingNames =
  /^(TimeoutError|Throttling|ProvisionedThroughputExceeded|RequestLimitExceeded)/;
const brokenCodes =
  /^(ECONN|EPIPE|EAI_AGAIN|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ERR_STREAM_PREMATURE)/;

function isPassing({ $metadata, $retryable, code, name }: OutsideError): boolean {
  if (name === 'AbortError') return false;
  const { httpStatusCode: status = 0 } = $metadata ?? {};
  if (status >= 500 || status === 429 || $retryable !== undefined) return true;
  return passingNames.test(name) || brokenCodes.test(String(code));
}
