import { AppError } from '@nebula/contract/errors';

/**
 * An error of the store as `unavailable` where the store is at fault, down, slow or full; any other
 * as it is. The client has repeated the call by then.
 */
export function asUnavailable(error: unknown): unknown {
  if (!(error instanceof Error) || !isPassing(error)) return error;
  const message = 'The store of files cannot be reached. Try again in a few seconds.';
  return new AppError('unavailable', message, { retryAfterSeconds: 2, cause: error });
}

type StoreError = Error & {
  code?: unknown;
  $metadata?: { httpStatusCode?: number };
  $retryable?: object;
};

const brokenCodes =
  /^(ECONN|EPIPE|EAI_AGAIN|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ERR_STREAM_PREMATURE)/;

function isPassing({ $metadata, $retryable, code, name }: StoreError): boolean {
  if (name === 'AbortError') return false;
  const { httpStatusCode: status = 0 } = $metadata ?? {};
  if (status >= 500 || status === 429 || $retryable !== undefined) return true;
  return name === 'TimeoutError' || brokenCodes.test(String(code));
}
