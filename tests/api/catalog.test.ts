import { fileTypes } from '@nebula/contract/file-types';
import { plans } from '@nebula/contract/plans';
import { type ToolId, toolIds, tools } from '@nebula/contract/tools';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectCommonHeaders, expectProblem, expectRateHeaders } from '../support/problem.ts';
import { api, newAccount } from '../support/stack.ts';

let key: string;
beforeAll(async () => {
  ({ key } = await newAccount({ plan: 'pro' }));
});

const get = (path: string, init: RequestInit = {}) =>
  fetch(api + path, { ...init, headers: { authorization: `Bearer ${key}` } });

describe('GET /plans', () => {
  test('lists the plans with prices and limits', async () => {
    const response = await get('/plans');
    expect(response.status).toBe(200);
    expectCommonHeaders(response.headers);
    expectRateHeaders(response.headers, 240);
    const { data } = (await response.json()) as { data: Record<string, unknown>[] };
    expect(data.map(({ id }) => id)).toEqual(['free', 'pro', 'enterprise']);
    expect(data[1]).toEqual({
      id: 'pro',
      name: 'Pro',
      price: plans.pro.pricePaise,
      currency: 'INR',
      max_input_bytes: 50 * 1024 * 1024,
      calls_per_cycle: plans.pro.callsPerCycle,
      requests_per_minute: 240,
      concurrent_jobs: 5,
      max_timeout_seconds: 1800,
      retention_seconds: 86_400,
    });
  });

  test('needs no credentials', async () => {
    const response = await fetch(`${api}/plans`);
    expect(response.status).toBe(200);
    expectRateHeaders(response.headers, 60);
    await response.arrayBuffer();
  });
});

describe('GET /tools', () => {
  test('lists every tool of the registry, with its types', async () => {
    const response = await get('/tools');
    const { data } = (await response.json()) as { data: Record<string, unknown>[] };
    expect(data.map(({ id }) => id)).toEqual(toolIds);
    for (const tool of data) {
      const { source } = tools[tool.id as ToolId];
      expect(tool).toMatchObject({ object: 'tool', units: 1 });
      expect(tool.accepts).toEqual(source.accepts.map((type) => fileTypes[type].mime));
    }
  });

  test.each(toolIds)('describes %s with the JSON Schema of its input', async (id) => {
    const response = await get(`/tools/${id}`);
    expect(response.status).toBe(200);
    const tool = (await response.json()) as { id: string; input_schema: { properties: object } };
    expect(tool.id).toBe(id);
    expect(tool.input_schema.properties).toHaveProperty('timeout_seconds');
    expect(tool.input_schema.properties).toHaveProperty(tools[id].source.field);
  });

  test.each(['nothing', 'Image-Resize', '__proto__', 'a%2Fb', '%00', '%zz'])(
    'there is no tool %s',
    async (id) => {
      const response = await get(`/tools/${id}`);
      expectProblem(response, await response.text(), 'not_found');
    },
  );

  test('HEAD answers as GET does, without the body', async () => {
    const [whole, head] = await Promise.all([get('/tools'), get('/tools', { method: 'HEAD' })]);
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(await whole.text())));
    expect(await head.text()).toBe('');
  });
});
