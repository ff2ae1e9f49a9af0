/**
 * The one error table. Every code has its HTTP status, a title, whether the same call may succeed
 * later, and the paragraph that `/docs/errors#code` shows.
 */
export const errorCodes = {
  invalid_input: {
    status: 422,
    title: 'Invalid input',
    retryable: false,
    about:
      'A field of the request has a value that the operation does not accept. `errors[]` names each field, what was expected and what came. Status 400 means that the body could not be read at all.',
  },
  unauthenticated: {
    status: 401,
    title: 'Not signed in',
    retryable: false,
    about:
      'The request has no credentials, or they are wrong, expired or revoked. Send an API key as `Authorization: Bearer nb_live_…` or `X-API-Key`.',
  },
  quota_exceeded: {
    status: 402,
    title: 'Quota used up',
    retryable: false,
    about:
      'All calls of the current cycle are used. `X-Quota-Reset` says when the next cycle begins; a larger plan raises the limit at once.',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed',
    retryable: false,
    about:
      'The credentials are valid, but do not reach this operation: the key lacks the scope, the address is not on its list, or the request came from another site.',
  },
  account_suspended: {
    status: 403,
    title: 'Account suspended',
    retryable: false,
    about:
      'The operator has suspended the account; its owner got a mail with the reason. Keys are refused and nobody can sign in, running jobs end as they would, nothing is deleted, and plan and billing go on. Answer that mail to have the account restored.',
  },
  url_forbidden: {
    status: 403,
    title: 'Address not allowed',
    retryable: false,
    about:
      'The URL does not lead to a public web address on port 80 or 443. Private, loopback, link-local and metadata addresses are refused, also behind a redirect or a host name.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    retryable: false,
    about: 'There is no such thing, or it belongs to another account.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    retryable: false,
    about: 'The address exists, but not for this method. `Allow` lists the methods it has.',
  },
  not_acceptable: {
    status: 406,
    title: 'Not acceptable',
    retryable: false,
    about:
      'None of the types in `Accept` can be produced. A tool answers with its own output type, with `application/zip` for several outputs, or with `application/json`.',
  },
  conflict: {
    status: 409,
    title: 'Conflict',
    retryable: true,
    about: 'The thing changed meanwhile, or an equal request is still running.',
  },
  gone: {
    status: 410,
    title: 'Gone',
    retryable: false,
    about: 'The thing existed, and its retention time has passed.',
  },
  file_too_large: {
    status: 413,
    title: 'File too large',
    retryable: false,
    about:
      'An input is larger than the plan allows. `limit_bytes` is the limit and `plan` the plan. The size is counted while the bytes arrive, after decoding.',
  },
  unsupported_input: {
    status: 415,
    title: 'Unsupported input',
    retryable: false,
    about:
      'The content of a file, or the type of the body, is not one that the operation accepts. The first bytes decide, never the name or the declared type.',
  },
  page_out_of_range: {
    status: 422,
    title: 'Page out of range',
    retryable: false,
    about: 'An explicit page lies past the end of the document. `page_count` says how many it has.',
  },
  corrupt_input: {
    status: 422,
    title: 'Damaged input',
    retryable: false,
    about: 'The file has the right type, but it is truncated or damaged and cannot be read.',
  },
  password_required: {
    status: 422,
    title: 'Password required',
    retryable: false,
    about: 'The document is encrypted. Send its password in `password`.',
  },
  password_incorrect: {
    status: 422,
    title: 'Password incorrect',
    retryable: false,
    about: 'The document is encrypted, and the given password does not open it.',
  },
  input_too_many_pixels: {
    status: 422,
    title: 'Too many pixels',
    retryable: false,
    about:
      'The image, or the result that the options ask for, has more pixels than the limit. The limit is checked before any memory is taken.',
  },
  input_too_complex: {
    status: 422,
    title: 'Input too complex',
    retryable: false,
    about: 'The input needs more memory or work than one job may use.',
  },
  target_unreachable: {
    status: 422,
    title: 'Target unreachable',
    retryable: false,
    about: 'The asked size cannot be met. `detail` says how near it gets.',
  },
  resource_failed: {
    status: 422,
    title: 'A resource failed',
    retryable: false,
    about:
      'The address did not give the content, or a page reported an error that `fail_on` makes fatal.',
  },
  warnings_not_allowed: {
    status: 422,
    title: 'Warnings are errors in strict mode',
    retryable: false,
    about:
      '`strict` is true, and the run produced warnings. They are listed in `warnings[]`; nothing was charged.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    retryable: true,
    about: 'The requests of this minute are used. Wait as long as `Retry-After` says.',
  },
  concurrency_limited: {
    status: 429,
    title: 'Too many jobs at once',
    retryable: true,
    about:
      'The account already runs as many jobs as its plan allows, and none of them ended within ten seconds. Nothing was charged. Retry after `Retry-After`, or with `Prefer: respond-async`: jobs wait for their turn.',
  },
  queue_full: {
    status: 429,
    title: 'Queue full',
    retryable: true,
    about: 'The engine has more waiting work than it accepts. Retry after `Retry-After`.',
  },
  client_closed: {
    status: 499,
    title: 'Client closed the request',
    retryable: true,
    about: 'The caller hung up. The work was stopped and nothing was charged.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    retryable: true,
    about: 'A fault of ours. Quote `request_id` to support.',
  },
  engine_crashed: {
    status: 502,
    title: 'Engine crashed',
    retryable: true,
    about: 'The engine that did the work stopped. It was replaced; nothing was charged.',
  },
  unavailable: {
    status: 503,
    title: 'Temporarily unavailable',
    retryable: true,
    about:
      'A part of the service is restarting, short of disk space, or cannot be reached. Retry after `Retry-After`.',
  },
  tool_timeout: {
    status: 504,
    title: 'The tool ran out of time',
    retryable: true,
    about:
      'The work took longer than `timeout_seconds` and was stopped. Nothing was charged. Raise it (up to 600; video-compress up to 1800 on paid plans), or make the input smaller.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCodes;

type ErrorEntry = { status: number; title: string; retryable: boolean; about: string };

/** One wrong field: its path in wire names, and what was expected and received there. */
export type FieldError = { path: string; message: string; expected?: string; received?: unknown };

type AppErrorDetails = {
  /** The wire name of the field at fault. */
  param?: string;
  errors?: FieldError[];
  /** Facts for the caller, e.g. `limit_bytes`; merged into the problem document. */
  extra?: Record<string, unknown>;
  /** Whole seconds after which the same call may succeed; becomes `Retry-After`. */
  retryAfterSeconds?: number;
  /** Overrides the table's status, for the codes that have two. */
  status?: number;
  /** The truth, for the log only. */
  cause?: unknown;
};

/**
 * The one error that crosses rooms. `message` is public; the truth goes into `cause`.
 *
 * @example
 * throw new AppError('file_too_large', 'The file is larger than 10 MB.', { extra: { limit_bytes } });
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: AppErrorDetails;

  constructor(code: ErrorCode, message: string, details: AppErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return this.details.status ?? errorCodes[this.code].status;
  }

  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }

  /** What may cross a process boundary: everything but the cause. */
  toWire(): WireError {
    const { cause: _cause, ...details } = this.details;
    return { code: this.code, message: this.message, details };
  }

  static fromWire(wire: WireError): AppError {
    return new AppError(wire.code, wire.message, wire.details);
  }
}

export type WireError = {
  code: ErrorCode;
  message: string;
  details: Omit<AppErrorDetails, 'cause'>;
};

/** Whether a thrown value is an AppError, also when two copies of this module are loaded. */
export function isAppError(value: unknown): value is AppError {
  return value instanceof Error && value.name === 'AppError' && 'code' in value;
}

/** The public error behind what was thrown: ElectroDB and tRPC put theirs around it. */
export function publicErrorOf(error: unknown): AppError | undefined {
  for (let each = error; each instanceof Error; each = each.cause)
    if (isAppError(each)) return each;
  return undefined;
}
