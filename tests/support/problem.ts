import { type ErrorCode, errorCodes } from '@nebula/contract/errors';
import { expect } from 'vitest';
import { stack } from './stack.ts';

export type Problem = {
  type: string;
  status: number;
  detail: string;
  code: string;
  param?: string;
  retryable: boolean;
  request_id: string;
  errors?: { path: string; message: string; expected?: string; received?: unknown }[];
  [fact: string]: unknown;
};

type Answer = { status: number; headers: Headers };

/** Expects an answer to be a whole problem document of this code, and gives it back. */
export function expectProblem(
  { headers, status }: Answer,
  body: string,
  code: ErrorCode,
  expectedStatus: number = errorCodes[code].status,
): Problem {
  expect(headers.get('content-type'), body.slice(0, 300)).toBe('application/problem+json');
  const problem = JSON.parse(body) as Problem;
  expect(`${status} ${problem.code}`, problem.detail).toBe(`${expectedStatus} ${code}`);
  const docs = `${stack.url}/docs/errors#${code}`;
  expect(problem).toMatchObject({
    type: docs,
    title: errorCodes[code].title,
    status,
    code,
    retryable: errorCodes[code].retryable,
    request_id: headers.get('x-request-id'),
    docs_url: docs,
  });
  expect(problem.detail).toMatch(/^\S.*[.?]$/s);
  expect(body).not.toMatch(/node_modules|\.ts:\d|at async |Error:/);
  expectCommonHeaders(headers);
  if (status === 429 || status === 503)
    expect(headers.get('retry-after')).toMatch(/^[1-9]\d{0,3}$/);
  if (status === 401) expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
  return problem;
}

/** Expects what every answer carries, whatever it is. */
export function expectCommonHeaders(headers: Headers): void {
  expect(headers.get('x-request-id')).toMatch(/^req_[0-9A-Z]{26}$/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('cache-control')).toBe('private, no-store');
  expect(headers.get('x-powered-by')).toBeNull();
}

/** Expects the caller to be told where it stands in its minute. */
export function expectRateHeaders(headers: Headers, limit: number): void {
  expect(headers.get('ratelimit-policy')).toBe(`"minute";q=${limit};w=60`);
  const [, remaining, reset] =
    /^"minute";r=(\d+);t=(\d+)$/.exec(headers.get('ratelimit') ?? '') ?? [];
  expect(Number(remaining)).toBeLessThanOrEqual(limit);
  expect(Number(reset)).toBeGreaterThanOrEqual(1);
  expect(Number(reset)).toBeLessThanOrEqual(60);
  expect(headers.get('x-ratelimit-limit')).toBe(String(limit));
  expect(headers.get('x-ratelimit-remaining')).toBe(remaining);
  expect(headers.get('x-ratelimit-reset')).toBe(reset);
}
