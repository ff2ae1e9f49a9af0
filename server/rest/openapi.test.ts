import { errorCodes } from '@nebula/contract/errors';
import { parseInput } from '@nebula/contract/explain';
import { fileTypes } from '@nebula/contract/file-types';
import type { Tool } from '@nebula/contract/tool';
import { tools } from '@nebula/contract/tools';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildOpenApi } from './openapi.ts';
import { routes } from './route-table.ts';

type Media = Record<string, { schema: Schema; example?: unknown }>;
type Schema = { type?: string; properties?: Record<string, Schema>; contentMediaType?: string };
type Operation = {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  security?: unknown[];
  parameters: { name: string; in: string; required: boolean; description?: string }[];
  requestBody?: { required: boolean; content: Media };
  responses: Record<string, { content: Media } & { $ref?: string }>;
};
type Document = {
  paths: Record<string, Record<string, Operation>>;
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  components: { schemas: { Problem: { properties: { code: { enum: string[] } } } } };
};

let document: Document;
const operation = (method: string, path: string) => document.paths[path]?.[method] as Operation;

beforeAll(() => {
  const secrets = { AUTH_SECRET: 'a'.repeat(32), MEDIA_TOKEN: 'b'.repeat(32) };
  Object.assign(process.env, { ...secrets, PUBLIC_URL: 'https://nebula.example/' });
  document = JSON.parse(JSON.stringify(buildOpenApi()));
});

describe('every route is documented', () => {
  test.each(routes.map((route) => [route.procedure, route] as const))('%s', (_name, route) => {
    const { method, path, status = 200 } = route.meta.openapi;
    const documented = operation(method.toLowerCase(), path);
    expect(documented.operationId).toMatch(/^[a-z][A-Za-z0-9]+$/);
    expect(documented.summary).not.toBe('');
    expect(documented.description).not.toBe('');
    expect(documented.responses[status]?.content).toBeDefined();
    expect(documented.responses.default?.$ref).toBe('#/components/responses/Problem');
    expect(documented.security).toEqual(route.meta.access === 'public' ? [] : undefined);
    const inPath = documented.parameters.filter((each) => each.in === 'path');
    expect(inPath.map(({ name }) => name)).toEqual(route.paramNames);
    for (const parameter of documented.parameters) expect(parameter.description).toBeTruthy();
  });

  test('and nothing else is', () => {
    const count = Object.values(document.paths).flatMap((path) => Object.keys(path)).length;
    expect(count).toBe(routes.length);
  });

  test('under an id of its own', () => {
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe.each(Object.values(tools) as Tool[])('$id', (tool) => {
  const run = () => operation('post', `/tools/${tool.id}`);
  const content = () => run().requestBody?.content ?? {};
  const fields = (type: string) => Object.keys(content()[type]?.schema.properties ?? {});

  test('takes a form with the file as a part', () => {
    expect(fields('multipart/form-data')).toContain(tool.source.field);
    const file = content()['multipart/form-data']?.schema.properties?.[tool.source.field];
    expect(JSON.stringify(file)).toContain('"contentMediaType":"application/octet-stream"');
  });

  test('takes JSON with every option, base64, and no file part but by reference', () => {
    const json = fields('application/json');
    expect(json).toEqual(expect.arrayContaining([...Object.keys(tool.run.shape), 'data']));
    const takesMany = tool.source.maxFiles > 1 || tool.source.list !== undefined;
    expect(json.includes(tool.source.field)).toBe(takesMany);
    const example = content()['application/json']?.example;
    expect(example).toMatchObject(tool.example);
    expect(() => parseInput(tool.input, example)).not.toThrow();
  });

  test('takes the file as a raw body of each type that it reads, where one file is enough', () => {
    for (const type of tool.source.accepts) {
      const { mime } = fileTypes[type];
      const expected = tool.source.list ? undefined : mime;
      expect(content()[mime]?.schema.contentMediaType).toBe(expected);
    }
  });

  test('answers with bytes of each type that it writes, with a ZIP, or with the job', () => {
    const answers = run().responses[200]?.content ?? {};
    const mimes = tool.outputs.map((type) => fileTypes[type].mime as string);
    const expected = new Set([...mimes, 'application/zip', 'application/json']);
    expect(new Set(Object.keys(answers))).toEqual(expected);
    expect(answers['application/json']?.schema.properties).toHaveProperty('options_effective');
  });

  test('describes every field', () => {
    for (const type of ['multipart/form-data', 'application/json'])
      for (const [name, schema] of Object.entries(content()[type]?.schema.properties ?? {}))
        expect((schema as { description?: string }).description, name).toBeTruthy();
  });
});

test('the address of the server has no double slash', () => {
  expect(document.servers).toEqual([{ url: 'https://nebula.example/api/v1' }]);
});

test('the problem lists every code of the error table', () => {
  expect(document.components.schemas.Problem.properties.code.enum).toEqual(Object.keys(errorCodes));
});

test('binary parts are said in the words of OpenAPI 3.1', () => {
  expect(JSON.stringify(document)).not.toContain('"format":"binary"');
});
