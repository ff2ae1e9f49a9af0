/** Codes of the public error table that the guard can lead to. */
export type EgressErrorCode =
  | 'url_forbidden'
  | 'invalid_input'
  | 'file_too_large'
  | 'tool_timeout'
  | 'resource_failed';

/** Why an address or a header was refused; safe to show to whoever sent it. */
export type RefusalReason = keyof typeof refusals;

const refusals = {
  malformed_url: {
    code: 'invalid_input',
    message:
      'This is not a URL that can be read. Expected an absolute http or https URL of at most 8192 characters, such as https://example.com/a.png.',
  },
  has_credentials: {
    code: 'invalid_input',
    message:
      'The URL holds a user name or password. Expected a URL without them; send an authorization header instead.',
  },
  scheme_not_allowed: {
    code: 'url_forbidden',
    message: 'The scheme of this URL is not allowed. Expected http or https.',
  },
  port_not_allowed: {
    code: 'url_forbidden',
    message: 'The port of this URL is not allowed. Expected 80, 443 or another port of the list.',
  },
  private_name: {
    code: 'url_forbidden',
    message:
      'The host of this URL is a local name. Expected a host name that is known on the public internet.',
  },
  private_address: {
    code: 'url_forbidden',
    message:
      'The address of this URL is not public. Expected a host all of whose addresses are on the public internet.',
  },
  too_many_redirects: {
    code: 'invalid_input',
    message: 'The URL redirects too often. Expected the address that the redirects end at.',
  },
  unsafe_redirect: {
    code: 'invalid_input',
    message:
      'The URL redirects a request with a body to another site. Expected the address that takes the request.',
  },
  header_not_allowed: {
    code: 'invalid_input',
    message: 'A header for the URL is not allowed.',
  },
} as const satisfies Record<string, { code: EgressErrorCode; message: string }>;

/** What every failure of the guard is. `message` is public; the truth is in `cause`. */
export class EgressError extends Error {
  readonly code: EgressErrorCode;
  /** One word for machines and logs. */
  readonly reason: string;

  constructor(code: EgressErrorCode, reason: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = new.target.name;
    this.code = code;
    this.reason = reason;
  }
}

/** The guard does not go there. Nothing was connected, so it says nothing about the other side. */
export class EgressRefusedError extends EgressError {
  declare readonly reason: RefusalReason;
  /** The refused URL without user name and password; empty when no URL was at fault. */
  readonly url: string;

  constructor(
    reason: RefusalReason,
    options: { url?: string; message?: string; cause?: unknown } = {},
  ) {
    const refusal = refusals[reason];
    super(refusal.code, reason, options.message ?? refusal.message, options.cause);
    this.url = withoutUserinfo(options.url ?? '');
  }
}

/** The body is larger than the caller takes, counted after decoding. */
export class EgressLimitError extends EgressError {
  readonly limitBytes: number;

  constructor(limitBytes: number, cause?: unknown) {
    const message = `The content of the URL is larger than ${limitBytes} bytes. Expected at most that.`;
    super('file_too_large', 'too_many_bytes', message, cause);
    this.limitBytes = limitBytes;
  }
}

/** The other side took too long, in all or between two pieces. */
export class EgressTimeoutError extends EgressError {
  constructor(cause?: unknown) {
    const message =
      'The URL did not give its content in time. Expected an answer without long pauses.';
    super('tool_timeout', 'timeout', message, cause);
  }
}

/** The network or the other side failed. A closed, filtered or broken port all read the same. */
export class EgressFailedError extends EgressError {
  constructor(
    reason: 'unreachable' | 'name_not_found' | 'status',
    message?: string,
    cause?: unknown,
  ) {
    super('resource_failed', reason, message ?? 'The URL could not be downloaded.', cause);
  }
}

/** The other side answered, but not with 200. */
export class EgressStatusError extends EgressFailedError {
  readonly status: number;

  constructor(status: number) {
    super('status', `The URL answered with status ${status}. Expected 200.`);
    this.status = status;
  }
}

/** Removes user name and password, also from a text that is no URL, and cuts it for the log. */
export function withoutUserinfo(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:)?([/\\]*)[^/\\?#]*@/i, '$1$2').slice(0, 500);
}
