import { errorCodes } from '@nebula/contract/errors';
import { jsonSchemaOf } from '@nebula/contract/explain';
import { fileTypes } from '@nebula/contract/file-types';
import type { Source, Tool } from '@nebula/contract/tool';
import { tools } from '@nebula/contract/tools';
import { z } from 'zod';
import { env } from '../env.ts';
import { nameOfParameter } from './paging.ts';
import { type Route, routes } from './route-table.ts';

type Json = Record<string, unknown>;

let cached: Json | undefined;

/** The OpenAPI 3.1 document, made from the procedures' own declarations. */
export function buildOpenApi(): Json {
  cached ??= {
    openapi: '3.1.0',
    info: {
      title: 'NebulaAPI',
      version: '1.0.0',
      description:
        'Convert files from your own code. Every tool takes its options at the top level of a JSON body or as form fields, and its file as a part, an address, base64, a raw body or the id of a stored file.',
      contact: { name: 'NebulaAPI support', url: `${env().PUBLIC_URL}/docs` },
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: `${env().PUBLIC_URL.replace(/\/$/, '')}/api/v1` }],
    security: [{ bearer: [] }, { apiKey: [] }],
    tags: [...new Set(routes.flatMap((route) => route.meta.openapi.tags))].map((name) => ({
      name,
      description: tagDescriptions[name] ?? name,
    })),
    paths: buildPaths(),
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API key: `nb_live_…`, or `nb_test_…` to try things: every page, picture and video that a test key makes is marked TEST, and nothing is billed.',
        },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
      schemas: { Problem: problemSchema() },
      responses: {
        Problem: {
          description: 'The call failed; `code` says why.',
          content: {
            'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
          },
        },
      },
    },
  };
  return cached;
}

const tagDescriptions: Record<string, string> = {
  Tools: 'Convert, resize and compare files.',
  Jobs: 'Runs that go on after the answer: follow, cancel, retry and remove them.',
  Files: 'Files that are stored for later calls, sent here or straight to the store.',
  'API keys': 'Keys for programs: what each may do, from where, and how much.',
  'Audit log': 'Who changed what, when and from where.',
  Admin: 'For the operators of this server.',
  Webhooks: 'Endpoints that are told of events, and what was delivered to them.',
  Usage: 'What the account has used.',
  Billing: 'Plans and their limits.',
  Operations: 'For load balancers and monitors.',
};

function buildPaths(): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const { method, path } = route.meta.openapi;
    paths[path] = { ...paths[path], [method.toLowerCase()]: buildOperation(route) };
  }
  return paths;
}

function buildOperation(route: Route): Json {
  const {
    description,
    isRun,
    method,
    sends,
    status = 200,
    summary,
    tags,
    tool,
  } = route.meta.openapi;
  const hasBody = method !== 'GET' && method !== 'DELETE';
  return {
    operationId: route.procedure.replace(/[.-](\w)/g, (_match, next: string) => next.toUpperCase()),
    summary,
    description: description ?? summary,
    tags,
    ...(route.meta.access === 'public' ? { security: [] } : {}),
    parameters: [
      ...buildParameters(route, !hasBody),
      ...(method === 'POST' ? [idempotencyKey] : []),
      ...(isRun ? [prefer] : []),
      ...(sends === 'text/event-stream' ? [lastEventId] : []),
    ],
    ...(hasBody && route.input ? { requestBody: buildBody(route, tool && tools[tool]) } : {}),
    responses: {
      [status]: tool && isRun ? toolResponse(tools[tool], route) : plainResponse(route),
      ...(tool && isRun ? { 202: acceptedResponse(tools[tool], route) } : {}),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A key of your own, e.g. a UUID. For 24 hours an equal request with the same key gets the same answer, and is neither run nor charged again. Send it again after a 500 or 503 too: it goes on with the job or batch that the first one has begun.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

const prefer = {
  name: 'Prefer',
  in: 'header',
  required: false,
  description:
    '`respond-async`: answer 202 with a job at once. `wait=30`: answer with the result if it is there within so many seconds (up to 60), else 202 with the job. Long work such as that on a video waits for nobody who has not said so.',
  schema: { type: 'string', examples: ['respond-async', 'wait=30'] },
};

const lastEventId = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'Id of the last event that was seen; only newer ones are sent.',
  schema: { type: 'string' },
};

function buildParameters(route: Route, withQuery: boolean): Json[] {
  if (!route.input) return [];
  const { properties = {}, required = [] } = plainSchema(route.input) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).flatMap(([name, { description, ...schema }]) => {
    const isPath = route.paramNames.includes(name);
    if (!isPath && !withQuery) return [];
    return [
      {
        name: isPath ? name : nameOfParameter(name),
        in: isPath ? 'path' : 'query',
        required: isPath || required.includes(name),
        description,
        schema,
      },
    ];
  });
}

function buildBody(route: Route, tool: Tool | undefined): Json {
  const schema = withoutParams(plainSchema(route.input as z.ZodType), route.paramNames);
  const { source } = route.meta.openapi;
  if (!tool && source) return buildFileBody(schema, source);
  if (!tool) {
    const required = schema.required !== undefined;
    return { required, content: { 'application/json': { schema } } };
  }
  const properties = schema.properties as Record<string, Json>;
  const { [tool.source.field]: file, ...rest } = properties;
  const inJson = takesMany(tool.source) ? { [tool.source.field]: file, ...rest } : rest;
  const { data: _data, ...inForm } = properties;
  return {
    required: true,
    description: tool.source.list
      ? 'Options are form fields, or members of the JSON body.'
      : 'A raw body is the file itself; its options go into the query.',
    content: {
      'multipart/form-data': { schema: { ...schema, properties: inForm } },
      'application/json': {
        schema: { ...schema, properties: inJson },
        example: { ...exampleSource(tool), ...tool.example },
      },
      ...rawContent(tool.source),
    },
  };
}

/** A file for no tool: as a part, as a raw body, or by what a JSON body says of it. */
function buildFileBody(schema: Json, source: Source): Json {
  const { [source.field]: _file, ...inJson } = schema.properties as Record<string, Json>;
  return {
    required: true,
    description: 'A raw body is the file itself; all else goes into the query.',
    content: {
      'multipart/form-data': { schema },
      'application/json': { schema: { ...schema, properties: inJson } },
      ...rawContent(source),
    },
  };
}

/** One file alone is the whole body; a tool that holds files against each other needs a form. */
const rawContent = ({ accepts, list }: Source): Json =>
  Object.fromEntries(
    (list ? [] : accepts).map((type) => [
      fileTypes[type].mime,
      { schema: { type: 'string', contentMediaType: fileTypes[type].mime } },
    ]),
  );

/** What the path says is not said again in the body. */
function withoutParams(schema: Json, names: string[]): Json {
  if (names.length === 0) return schema;
  const keep = (name: string) => !names.includes(name);
  const properties = Object.entries(schema.properties as Json).filter(([name]) => keep(name));
  const required = ((schema.required as string[] | undefined) ?? []).filter(keep);
  return {
    ...schema,
    properties: Object.fromEntries(properties),
    required: required.length > 0 ? required : undefined,
  };
}

const takesMany = ({ list, maxFiles }: Tool['source']) => maxFiles > 1 || list !== undefined;

/** An input for the example, where it brings none itself. */
function exampleSource({ example, source: { accepts, field, list, maxFiles } }: Tool): Json {
  if ('html' in example || 'url' in example || 'data' in example) return {};
  const file = (name: string) => ({ url: `https://example.com/${name}.${accepts[0]}` });
  if (list) return { [field]: file('source'), [list.field]: [file('first'), file('second')] };
  return maxFiles > 1 ? { [field]: [file('first'), file('second')] } : file('input');
}

function toolResponse(tool: Tool, route: Route): Json {
  const bytes = tool.outputs.map((type) => [
    fileTypes[type].mime,
    { schema: { type: 'string', contentMediaType: fileTypes[type].mime } },
  ]);
  return {
    description: 'The output itself; several outputs as a ZIP; the job where JSON is asked for.',
    headers: responseHeaders,
    content: {
      ...Object.fromEntries(bytes),
      'application/zip': { schema: { type: 'string', contentMediaType: 'application/zip' } },
      'application/json': { schema: outputSchema(route) },
    },
  };
}

function acceptedResponse({ isLong }: Tool, route: Route): Json {
  return {
    description: isLong
      ? 'Accepted: the run goes on as a job. This is the answer unless `Prefer: wait` asks for another.'
      : 'Accepted: the run goes on as a job.',
    headers: {
      Location: header('Where the job is.', 'string'),
      'Preference-Applied': header('What of Prefer was obeyed.', 'string'),
    },
    content: { 'application/json': { schema: outputSchema(route) } },
  };
}

function plainResponse(route: Route): Json {
  const { sends } = route.meta.openapi;
  if (!sends || sends === 'application/json') return jsonResponse(route);
  return { description: 'Success.', content: { [sends]: { schema: { type: 'string' } } } };
}

function jsonResponse(route: Route): Json {
  const { redirects } = route.meta.openapi;
  return {
    description: redirects ? 'Go on to `Location`.' : 'Success.',
    ...(redirects ? { headers: { Location: header('Where the bytes are.', 'string') } } : {}),
    content: { 'application/json': { schema: outputSchema(route) } },
  };
}

const header = (description: string, type = 'integer') => ({ description, schema: { type } });

const responseHeaders = {
  'X-Request-Id': header('Id of this request; quote it to support.', 'string'),
  'X-Nebula-Run-Ms': header('Milliseconds that the work took.'),
  'X-Nebula-Queue-Ms': header('Milliseconds that the work waited.'),
  'X-Nebula-Warnings': header('Warnings of the run, as a JSON array.', 'string'),
  'X-Cache': header(
    'hit: the kept result of an equal call, free of charge; miss: there was none; bypass: none was looked for.',
    'string',
  ),
  'Idempotency-Replayed': header('true: the answer of an earlier request of this key.', 'string'),
  'X-RateLimit-Remaining': header('Requests left in this minute.'),
  'X-Quota-Remaining': header('Calls left in this cycle.'),
};

function outputSchema(route: Route): Json {
  const { output } = route.meta.openapi;
  if (!output) return {};
  const { $schema: _dialect, ...schema } = z.toJSONSchema(output, { io: 'output' }) as Json;
  return schema;
}

/** Files are binary strings in 3.1; the dialect of the document says the rest. */
function plainSchema(input: z.ZodType): Json {
  const { $schema: _dialect, ...schema } = structuredClone(jsonSchemaOf(input)) as Json;
  replaceBinary(schema);
  return schema;
}

function replaceBinary(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const schema = node as Json;
  if (schema.format === 'binary') {
    schema.format = undefined;
    schema.contentMediaType = 'application/octet-stream';
  }
  for (const child of Object.values(schema)) replaceBinary(child);
}

function problemSchema(): Json {
  const text = { type: 'string' };
  return {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'code', 'retryable', 'request_id', 'docs_url'],
    properties: {
      type: { ...text, format: 'uri' },
      title: text,
      status: { type: 'integer' },
      detail: text,
      code: { ...text, enum: Object.keys(errorCodes) },
      param: { ...text, description: 'The field at fault.' },
      retryable: { type: 'boolean' },
      request_id: text,
      docs_url: { ...text, format: 'uri' },
      errors: {
        type: 'array',
        items: {
          type: 'object',
          required: ['path', 'message'],
          properties: { path: text, message: text, expected: text, received: {} },
        },
      },
    },
  };
}
