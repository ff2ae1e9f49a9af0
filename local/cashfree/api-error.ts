/** An answer with an error, in the shape of the real API. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly type: string;

  constructor(status: number, code: string, message: string, type = 'invalid_request_error') {
    super(message);
    this.status = status;
    this.code = code;
    this.type = type;
  }
}

/** A field that is missing or wrong. */
export function fieldError(field: string, problem: string, value?: unknown): ApiError {
  const suffix = value === undefined ? 'missing' : 'invalid';
  const received = value === undefined ? '' : String(JSON.stringify(value));
  const message = `${field} : ${problem}. Value received: ${received}`;
  return new ApiError(400, `${field}_${suffix}`, message);
}
