import { describe, expect, test } from 'vitest';
import { AppError, type ErrorCode, errorCodes, isAppError } from './errors.ts';

const codes = Object.entries(errorCodes);

describe('the error table', () => {
  test.each(codes)('%s has a status, a title and a paragraph', (code, entry) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(entry.status).toBeGreaterThanOrEqual(400);
    expect(entry.status).toBeLessThan(600);
    expect(entry.title).toMatch(/^[A-Z].*[^.]$/);
    expect(entry.about).toMatch(/^[A-Z`].*\.$/s);
  });

  test('titles tell the codes apart', () => {
    expect(new Set(codes.map(([, entry]) => entry.title)).size).toBe(codes.length);
  });

  test('what the server did is retryable, what the caller sent is not', () => {
    const retryable = codes.filter(([, entry]) => entry.retryable).map(([, entry]) => entry.status);
    expect([...new Set(retryable)].sort()).toEqual([409, 429, 499, 500, 502, 503, 504]);
  });
});

describe('AppError', () => {
  const details = {
    param: 'file',
    errors: [{ path: 'file', message: 'm', expected: 'e', received: null }],
    extra: { limit_bytes: 10 },
    retryAfterSeconds: 3,
    status: 400,
  };

  test('takes its status from the table unless it is given one', () => {
    expect(new AppError('not_found', 'm').status).toBe(404);
    expect(new AppError('invalid_input', 'm', { status: 400 }).status).toBe(400);
  });

  test.each(Object.keys(errorCodes) as ErrorCode[])('%s survives the wire whole', (code) => {
    const error = new AppError(code, 'message', details);
    const back = AppError.fromWire(JSON.parse(JSON.stringify(error.toWire())));
    expect(back.toWire()).toEqual(error.toWire());
    expect(back.status).toBe(400);
    expect(back.retryable).toBe(error.retryable);
  });

  test('the cause never crosses the wire', () => {
    const error = new AppError('internal', 'public', { cause: new Error('the secret truth') });
    expect(JSON.stringify(error.toWire())).not.toContain('secret');
    expect(error.cause).toBeInstanceOf(Error);
  });

  test('is told from every other error', () => {
    expect(isAppError(new AppError('gone', 'm'))).toBe(true);
    for (const other of [new Error('m'), { name: 'AppError', code: 'gone' }, null, 'AppError'])
      expect(isAppError(other)).toBe(false);
  });
});
