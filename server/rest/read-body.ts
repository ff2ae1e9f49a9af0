import { PassThrough, type Readable } from 'node:stream';
import { AppError } from '@nebula/contract/errors';
import { fileTypes } from '@nebula/contract/file-types';
import { type Plan, plans } from '@nebula/contract/plans';
import type { Source } from '@nebula/contract/tool';
import type { z } from 'zod';
import { type Context, planOf } from '../context.ts';
import { spoolSource } from '../platform/spool-source.ts';
import { decodeFields } from './decode-fields.ts';
import { nameOfField } from './paging.ts';
import { parseJson } from './parse-json.ts';
import { readMultipart } from './read-multipart.ts';
import type { RestRequest } from './request.ts';
import { type Route, sourceOf } from './route-table.ts';

/** What JSON bodies may weigh; larger inputs belong into files. */
const maxJsonBytes = 10 * 1024 * 1024;

/**
 * Reads the raw input of a procedure: path parameters, query, and the body, whatever its form.
 * It is called by the procedure itself, after it has let the caller in.
 */
export async function readInput(
  request: RestRequest,
  route: Route,
  params: Record<string, string>,
  ctx: Context,
): Promise<unknown> {
  const { input: schema } = route;
  if (!schema) return undefined;
  const query = [...request.query].map(([name, value]): [string, string] => [
    nameOfField(schema, name),
    value,
  ]);
  const fixed = decodeFields([...Object.entries(params), ...query], schema);
  if (route.meta.openapi.method === 'GET' || route.meta.openapi.method === 'DELETE') return fixed;
  const body = await readBody(request, route, schema, ctx);
  return { ...body, ...fixed };
}

async function readBody(
  request: RestRequest,
  route: Route,
  schema: z.ZodType,
  ctx: Context,
): Promise<Record<string, unknown>> {
  const source = sourceOf(route);
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  const encoding = request.headers.get('content-encoding');
  if (encoding && encoding !== 'identity')
    throw new AppError('unsupported_input', `Expected no Content-Encoding, received ${encoding}.`);
  if (type === undefined && !hasBody(request)) return {};
  if (type === 'application/json') return readJson(request);
  const plan = plans[planOf(ctx.actor)];
  if (type === 'multipart/form-data' || type === 'application/x-www-form-urlencoded')
    return readMultipart(request, { schema, source, plan, spool: ctx.spool, signal: ctx.signal });
  if (source && ctx.spool && (type === undefined || isRawType(source, type))) {
    refuseDeclaredSize(request, plan);
    const file = await spoolSource(ctx.spool, copyOf(request.openBody()), {
      source,
      plan,
      name: rawName(request),
      param: source.field,
      signal: ctx.signal,
    });
    return { [source.field]: source.maxFiles === 1 ? file : [file] };
  }
  throw unsupportedType(type, source);
}

function hasBody({ headers }: RestRequest): boolean {
  return headers.has('transfer-encoding') || Number(headers.get('content-length') ?? 0) > 0;
}

function isRawType(source: Source, type: string): boolean {
  if (type === 'application/octet-stream') return true;
  return source.accepts.some((accepted) => fileTypes[accepted].mime === type);
}

function unsupportedType(type: string | undefined, source: Source | undefined): AppError {
  const raw = source?.accepts.map((accepted) => fileTypes[accepted].mime) ?? [];
  const accepted = ['application/json', 'multipart/form-data', ...raw];
  const message = `Expected a body of ${accepted.join(', ')}; received ${type ?? 'no Content-Type'}.`;
  return new AppError('unsupported_input', message, { extra: { accepted } });
}

/** A raw body that declares too much is refused before its first byte. */
function refuseDeclaredSize({ headers }: RestRequest, plan: Plan): void {
  if (Number(headers.get('content-length') ?? 0) <= plan.maxInputBytes) return;
  const message = `The body is larger than the ${plan.name} plan allows (${plan.maxInputBytes} bytes).`;
  const extra = { limit_bytes: plan.maxInputBytes, plan: plan.id };
  throw new AppError('file_too_large', message, { extra });
}

/** A refusal destroys the copy; the body itself would take the connection with it, and the answer. */
function copyOf(body: Readable): Readable {
  const copy = new PassThrough({ highWaterMark: 256 * 1024 });
  body.once('error', (error) => copy.destroy(error));
  return body.pipe(copy);
}

function rawName({ headers }: RestRequest): string {
  const disposition = headers.get('content-disposition') ?? '';
  return /filename="?([^";]+)"?/i.exec(disposition)?.[1] ?? 'file';
}

async function readJson(request: RestRequest): Promise<Record<string, unknown>> {
  const text = decodeUtf8(await readAll(request.openBody()));
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw badBody(`The body cannot be read as JSON: ${(error as Error).message.slice(0, 120)}.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badBody('Expected the body to be a JSON object.');
  return value as Record<string, unknown>;
}

async function readAll(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // The default would destroy a body that is refused, and with it the connection and the answer.
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > maxJsonBytes) {
      const message = 'The JSON body is larger than 10 MB. Send large inputs as a file.';
      throw new AppError('file_too_large', message, { extra: { limit_bytes: maxJsonBytes } });
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw badBody('The body is not valid UTF-8.');
  }
}

function badBody(message: string): AppError {
  return new AppError('invalid_input', message, { status: 400, param: 'body' });
}
