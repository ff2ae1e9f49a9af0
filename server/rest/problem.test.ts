import { AppError, type ErrorCode, errorCodes } from '@nebula/contract/errors';
import { TRPCError } from '@trpc/server';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { toProblem, toPublicError } from './problem.ts';

beforeAll(() => {
  const secrets = { AUTH_SECRET: 'a'.repeat(32), MEDIA_TOKEN: 'b'.repeat(32) };
  Object.assign(process.env, { ...secrets, LOG_LEVEL: 'silent' });
});

const schema = z.strictObject({ width: z.int().min(1).max(9) });
const requestId = 'req_1';
const publicError = (error: unknown, rawInput?: unknown) =>
  toPublicError(error, { requestId, schema, rawInput, signal: new AbortController().signal });

describe('whatever is thrown becomes one public error', () => {
  test('an AppError stays itself, wrapped or not', () => {
    const error = new AppError('gone', 'It is gone.');
    expect(publicError(error)).toBe(error);
    expect(publicError(new TRPCError({ code: 'NOT_FOUND', cause: error }))).toBe(error);
  });

  test('a failed parse of the input names the field', () => {
    const { error: cause } = schema.safeParse({ width: 10 });
    const error = publicError(new TRPCError({ code: 'BAD_REQUEST', cause }), { width: 10 });
    expect(error.code).toBe('invalid_input');
    expect(error.message).toBe('Expected width to be a whole number between 1 and 9, received 10.');
  });

  test('whatever breaks because the caller has hung up is no fault of ours', () => {
    const gone = { requestId, signal: AbortSignal.abort() };
    expect(toPublicError(new Error('aborted'), gone).code).toBe('client_closed');
    expect(toPublicError(new AppError('gone', 'It is gone.'), gone).code).toBe('gone');
  });

  test('a failed parse of anything else is ours, and says nothing', () => {
    const { error: cause } = schema.safeParse({ width: 10 });
    for (const error of [cause, new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause })])
      expect(publicError(error)).toMatchObject({ code: 'internal', status: 500 });
  });

  test.each([
    new Error('connect ECONNREFUSED 10.0.0.7:6379'),
    new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: new Error('table nebula-prod') }),
    'a text',
    undefined,
    { code: 'not_found', name: 'AppError' },
  ])('the message of an unexpected error (%s) is not told', (thrown) => {
    const error = publicError(thrown);
    const told = JSON.stringify(toProblem(error, requestId, 'https://x.example/docs/errors'));
    expect(error.code).toBe('internal');
    expect(told).not.toMatch(/ECONNREFUSED|nebula-prod|a text|stack/);
  });
});

describe('the problem document', () => {
  test.each(Object.keys(errorCodes) as ErrorCode[])('%s has every member', (code) => {
    const error = new AppError(code, 'What failed.', { cause: new Error('the truth') });
    const problem = toProblem(error, requestId, 'https://x.example/docs/errors');
    expect(problem).toEqual({
      type: `https://x.example/docs/errors#${code}`,
      title: errorCodes[code].title,
      status: errorCodes[code].status,
      detail: 'What failed.',
      code,
      retryable: errorCodes[code].retryable,
      request_id: requestId,
      docs_url: `https://x.example/docs/errors#${code}`,
    });
  });

  test('carries the field, the list of errors and the facts', () => {
    const errors = [{ path: 'width', message: 'm', expected: 'e', received: 10 }];
    const error = new AppError('invalid_input', 'm', {
      param: 'width',
      errors,
      extra: { limit_bytes: 5 },
      status: 400,
    });
    expect(toProblem(error, requestId, 'd')).toMatchObject({
      status: 400,
      param: 'width',
      errors,
      limit_bytes: 5,
    });
  });
});
