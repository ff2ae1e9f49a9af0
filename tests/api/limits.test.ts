import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectProblem, expectRateHeaders } from '../support/problem.ts';
import { leaveCalls, quotaLeft } from '../support/quota.ts';
import { jpeg } from '../support/samples.ts';
import { api, newAccount, postForm, postJson } from '../support/stack.ts';

let photo: Buffer;
beforeAll(async () => {
  photo = await jpeg();
});

const resize = (key: string, fields: Record<string, string> = { width: '8' }) =>
  postForm('image-resize', key, {
    file: new Blob([new Uint8Array(photo)]),
    cache: 'false',
    ...fields,
  });

describe('the time limit', () => {
  const samples = { 'video-compress': 'nebula.mp4', 'image-resize': 'nebula.jpg' };
  const ask = (tool: keyof typeof samples, key: string, timeout_seconds: string) => {
    const file = new Blob([readFileSync(`samples/${tool}/${samples[tool]}`)]);
    return postForm(`${tool}/estimate`, key, { file, timeout_seconds });
  };

  test('of a video is half an hour on a paid plan, and ten minutes on the Free plan', async () => {
    const { key: paying } = await newAccount({ plan: 'pro' });
    const { key: free } = await newAccount();
    expect((await ask('video-compress', paying, '1800')).status).toBe(200);
    expect((await ask('video-compress', free, '600')).status).toBe(200);
    const refused = await ask('video-compress', free, '601');
    const problem = expectProblem(refused, await refused.text(), 'invalid_input');
    expect(problem).toMatchObject({ param: 'timeout_seconds', limit: 600, plan: 'free' });
    expect(problem.detail).toContain('at most 600 on the Free plan, received 601');
  });

  test.each([
    ['video-compress', '1801', 'between 5 and 1800'],
    ['image-resize', '601', 'between 5 and 600'],
  ] as const)('of %s ends where the tool says', async (tool, seconds, expected) => {
    const { key } = await newAccount({ plan: 'enterprise' });
    const refused = await ask(tool, key, seconds);
    const problem = expectProblem(refused, await refused.text(), 'invalid_input');
    expect(problem).toMatchObject({ param: 'timeout_seconds' });
    expect(problem.detail).toContain(expected);
  });

  test('holds for the options of a batch', async () => {
    const { key } = await newAccount({ scopes: ['tools:run', 'files:read', 'jobs:write'] });
    const response = await fetch(`${api}/batches`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        tool: 'video-compress',
        urls: ['https://example.com/a.mp4'],
        options: { timeout_seconds: 1800 },
      }),
    });
    const problem = expectProblem(response, await response.text(), 'invalid_input');
    expect(problem).toMatchObject({ param: 'options.timeout_seconds', plan: 'free' });
  });
});

describe('the rate limit', () => {
  test('lets a test key call ten times a minute, and says when the next minute begins', async () => {
    const { key } = await newAccount({ plan: 'enterprise', mode: 'test' });
    const ask = () => fetch(`${api}/usage`, { headers: { authorization: `Bearer ${key}` } });
    const left: number[] = [];
    for (let call = 0; call < 10; call++) {
      const response = await ask();
      expect(response.status).toBe(200);
      expectRateHeaders(response.headers, 10);
      left.push(Number(response.headers.get('x-ratelimit-remaining')));
      await response.arrayBuffer();
    }
    expect(left).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    const refused = await ask();
    const problem = expectProblem(refused, await refused.text(), 'rate_limited');
    expect(problem.retryable).toBe(true);
    expectRateHeaders(refused.headers, 10);
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBe(Number(refused.headers.get('x-ratelimit-reset')));
  });

  test('counts a burst exactly, and all keys of an account together', async () => {
    const account = await newAccount();
    const { createApiKey } = await import('#server/modules/api-key/service.ts');
    const second = await createApiKey({ accountId: account.id, name: 'second' });
    const keys = [account.key, second.key];
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        fetch(`${api}/usage`, { headers: { authorization: `Bearer ${keys[index % 2]}` } }),
      ),
    );
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(20);
  });

  test('is not another for a caller that lies about its address', async () => {
    const { key } = await newAccount({ mode: 'test' });
    const call = (index: number) =>
      fetch(`${api}/usage`, {
        headers: { authorization: `Bearer ${key}`, 'x-forwarded-for': `9.9.9.${index}` },
      });
    const answers = await Promise.all(Array.from({ length: 15 }, (_, index) => call(index)));
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
  });
});

describe('a test key', () => {
  test('runs a tool and is charged nothing', async () => {
    const account = await newAccount({ plan: 'pro', mode: 'test' });
    const before = await quotaLeft(account.id);
    const response = await resize(account.key);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-nebula-units')).toBe('0');
    await response.arrayBuffer();
    expect(await quotaLeft(account.id)).toBe(before);
  });
});

describe('the quota', () => {
  test('of sixty calls at once with twenty left, exactly twenty succeed', async () => {
    const { id, key } = await newAccount({ plan: 'pro' });
    await leaveCalls(id, 20);
    const answers = await Promise.all(Array.from({ length: 60 }, () => resize(key)));
    const statuses = answers.map(({ status }) => status);
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
    expect(statuses.filter((status) => status === 200)).toHaveLength(20);
    expect(statuses.filter((status) => status === 402)).toHaveLength(40);
    expect(await quotaLeft(id)).toBe(0);
  });

  test('a failed call gives its unit back, so that the next one succeeds', async () => {
    const { id, key } = await newAccount({ plan: 'pro' });
    await leaveCalls(id, 1);
    const refusals = [
      () => postJson('image-resize', key, { url: 'http://10.0.0.1/', width: 1 }),
      () =>
        postJson('image-resize', key, {
          data: Buffer.from('\xff\xd8\xff', 'latin1').toString('base64'),
        }),
      () => resize(key, { width: '4000', strict: 'true' }),
      () => resize(key, { width: '0' }),
    ];
    for (const refuse of refusals) {
      const response = await refuse();
      expect(response.status).toBeGreaterThanOrEqual(403);
      expect(response.headers.get('x-quota-remaining')).toBe('1');
      await response.arrayBuffer();
      expect(await quotaLeft(id)).toBe(1);
    }
    const last = await resize(key);
    expect(last.status).toBe(200);
    expect(last.headers.get('x-quota-remaining')).toBe('0');
    await last.arrayBuffer();
    const over = await resize(key);
    const problem = expectProblem(over, await over.text(), 'quota_exceeded');
    expect(Date.parse(String(problem.resets_at))).toBeGreaterThan(Date.now());
    expect(over.headers.get('x-quota-remaining')).toBe('0');
  });

  test('is read for everything that costs nothing, without being used', async () => {
    const { id, key } = await newAccount({ plan: 'pro' });
    await leaveCalls(id, 0);
    for (const path of ['/usage', '/plans', '/tools']) {
      const response = await fetch(api + path, { headers: { authorization: `Bearer ${key}` } });
      expect(response.status).toBe(200);
      await response.arrayBuffer();
    }
  });
});
