import { describe, expect, test } from 'vitest';
import { expectCommonHeaders, expectProblem } from '../support/problem.ts';
import { requestHead, sendRaw } from '../support/raw.ts';
import { api } from '../support/stack.ts';

describe('GET /health', () => {
  test('says that the process lives, to anybody', async () => {
    const response = await fetch(`${api}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ok' });
    expectCommonHeaders(response.headers);
  });

  test('is answered as often as a load balancer asks', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => fetch(`${api}/health`)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
  });

  test('HEAD has the headers of GET and no body', async () => {
    const answer = await sendRaw(requestHead('HEAD /api/v1/health', { Connection: 'close' }));
    expect(answer?.status).toBe(200);
    expect(answer?.headers.get('content-length')).toBe('15');
    expect(answer?.body).toBe('');
  });
});

describe('GET /ready', () => {
  test('is 200 and names every part that a call needs', async () => {
    const response = await fetch(`${api}/ready`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: 'ready',
      parts: { dynamodb: 'ok', redis: 'ok', s3: 'ok', media_service: 'ok' },
    });
  });

  test('POST is not a method of it', async () => {
    const response = await fetch(`${api}/ready`, { method: 'POST' });
    const problem = expectProblem(response, await response.text(), 'method_not_allowed');
    expect(response.headers.get('allow')).toBe('GET, HEAD');
    expect(problem.detail).toBe('Expected GET, HEAD; received POST.');
  });
});
