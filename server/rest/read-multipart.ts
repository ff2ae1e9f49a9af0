import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { AppError } from '@nebula/contract/errors';
import type { Plan } from '@nebula/contract/plans';
import type { InputFile, Source } from '@nebula/contract/tool';
import type { z } from 'zod';
import type { Spool } from '../platform/spool.ts';
import { spoolSource } from '../platform/spool-source.ts';
import { decodeFields } from './decode-fields.ts';
import type { RestRequest } from './request.ts';

/** What all text fields of a form may weigh together; they are held in memory. */
const maxFieldBytes = 10 * 1024 * 1024;

const limits = {
  fieldNameSize: 200,
  fieldSize: 1024 * 1024,
  fields: 200,
  headerPairs: 50,
  headerSize: 16 * 1024,
};

type Form = {
  schema: z.ZodType;
  /** What files the form may carry; undefined for none. */
  source: Source | undefined;
  plan: Plan;
  spool: Spool | undefined;
  signal: AbortSignal;
};

/** Reads a form: fields are decoded by the schema, files are streamed to the spool as they come. */
export async function readMultipart(
  request: RestRequest,
  { schema, source, plan, spool, signal }: Form,
): Promise<Record<string, unknown>> {
  const fields: [string, string][] = [];
  let fieldBytes = 0;
  const files: [field: string, file: Promise<InputFile>][] = [];
  const known = source ? [source.field, ...(source.list ? [source.list.field] : [])] : [];
  const maxFiles = source ? maxFilesOf(source, plan) : 0;
  const stop = new AbortController();
  const refuse = (error: unknown) => stop.abort(error);
  const anyStop = AbortSignal.any([signal, stop.signal]);
  const form = openForm(request, maxFiles);

  form.on('field', (name, value, isNameCut, isValueCut) => {
    fieldBytes += value.length;
    if (fieldBytes > maxFieldBytes) refuse(tooLarge('The form', maxFieldBytes, name));
    else if (isNameCut) refuse(tooLarge('A field name', limits.fieldNameSize, name.slice(0, 60)));
    else if (isValueCut) refuse(tooLarge(`The field ${name}`, limits.fieldSize, name));
    else fields.push([name, value]);
  });
  form.on('file', (given, stream, filename) => {
    const name = given.replace(/\[\d*\]$/, '');
    // Without a listener a truncated upload would end the process.
    stream.on('error', refuse);
    if (!source || !spool || stop.signal.aborted || !known.includes(name)) {
      stream.resume();
      if (!known.includes(name)) refuse(unknownPart(given, known));
      return;
    }
    const rules = { source, plan, name: filename || 'file', param: name, signal: anyStop };
    const file = spoolSource(spool, stream as Readable, rules);
    file.catch(refuse);
    files.push([name, file]);
  });
  form.on('partsLimit', () => refuse(tooMany('parts', limits.fields + 100)));
  form.on('fieldsLimit', () => refuse(tooMany('fields', limits.fields)));
  form.on('filesLimit', () => refuse(tooMany('files', maxFiles, known.at(-1))));

  await pump(request.openBody(), form, stop.signal);
  const input = decodeFields(fields, schema);
  for (const [name, file] of files) {
    const isOne = name === source?.field && source.maxFiles === 1;
    // Two parts of one name are two files: the schema then says that one was expected.
    const before = input[name] === undefined ? [] : [input[name]].flat();
    input[name] = isOne && before.length === 0 ? await file : [...before, await file];
  }
  return input;
}

function maxFilesOf({ list, maxFiles }: Source, plan: Plan): number {
  return Math.min(maxFiles, plan.maxFiles) + Math.min(list?.maxFiles ?? 0, plan.maxFiles);
}

function openForm(request: RestRequest, maxFiles: number): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': request.headers.get('content-type') ?? '' },
      limits: { ...limits, files: Math.max(1, maxFiles), parts: limits.fields + 100 },
      highWaterMark: 256 * 1024,
      fileHwm: 256 * 1024,
    });
  } catch (error) {
    throw malformed((error as Error).message);
  }
}

/** Feeds the body to the parser until its end, the first refusal, or the caller's hang-up. */
async function pump(body: Readable, form: BusboyInstance, stop: AbortSignal): Promise<void> {
  const refused = new Promise<never>((_resolve, reject) => {
    stop.addEventListener('abort', () => reject(stop.reason), { once: true });
  });
  const parsed = new Promise<void>((resolve, reject) => {
    form.once('finish', resolve);
    form.once('error', (error: Error) => reject(malformed(error.message)));
    body.once('error', reject);
    body.once('close', () => {
      if (!body.readableEnded) reject(malformed('The body ended early'));
    });
  });
  body.pipe(form);
  try {
    await Promise.race([parsed, refused]);
  } catch (error) {
    body.unpipe(form);
    body.pause();
    form.on('error', () => {});
    form.destroy();
    await finished(form, { error: false }).catch(() => {});
    throw error;
  }
}

function malformed(reason: string): AppError {
  const message = `The form could not be read: ${reason.slice(0, 120)}.`;
  return new AppError('invalid_input', message, { status: 400, param: 'body' });
}

function tooLarge(what: string, limit: number, param: string): AppError {
  const message = `${what} is longer than ${limit} bytes. Send large inputs as a file.`;
  return new AppError('file_too_large', message, { param, extra: { limit_bytes: limit } });
}

function tooMany(what: string, limit: number, param?: string): AppError {
  return new AppError('invalid_input', `Expected at most ${limit} ${what} in one form.`, { param });
}

function unknownPart(name: string, expected: string[]): AppError {
  const hint =
    expected.length > 0
      ? `The file belongs into the field ${expected.join(' or ')}.`
      : 'No file is expected here.';
  const shown = name.slice(0, 60);
  return new AppError('invalid_input', `Unexpected file field ${JSON.stringify(shown)}. ${hint}`, {
    param: shown,
  });
}
