import type { Readable } from 'node:stream';
import { AppError } from '@nebula/contract/errors';
import { type FileType, fileTypes, sniffBytes, sniffFileType } from '@nebula/contract/file-types';
import { displayName } from '@nebula/contract/filename';
import { megabyte, type Plan } from '@nebula/contract/plans';
import { arrivedFile, type InputFile, type Source } from '@nebula/contract/tool';
import type { Spool } from './spool.ts';

/** What a source is held against. */
export type SourceRules = {
  source: Pick<Source, 'accepts'>;
  plan: Plan;
  /** The caller's name for the file. */
  name: string;
  /** The field that an error names. */
  param: string;
  signal: AbortSignal;
};

/**
 * Writes one source to the spool. The type is decided by the first bytes and the size counted as
 * they come; what does not fit is refused while the rest is still unread.
 */
export async function spoolSource(
  spool: Spool,
  source: Readable,
  { source: rules, plan, name, param, signal }: SourceRules,
): Promise<InputFile> {
  let head = Buffer.alloc(0);
  let type: FileType | undefined;
  const decideType = () => {
    type = sniffFileType(head);
    if (type === undefined || !rules.accepts.includes(type)) throw wrongType(rules, type, param);
  };
  const inspect = (chunk: Buffer, size: number) => {
    if (size > plan.maxInputBytes) throw fileTooLarge(plan, param);
    if (spool.bytes() > plan.maxTotalBytes) throw tooMuch(plan, param);
    if (type !== undefined) return;
    head = Buffer.concat([head, chunk.subarray(0, sniffBytes - head.length)]);
    if (head.length >= sniffBytes) decideType();
  };
  const { path, sha256, size } = await spool.write(source, inspect, signal);
  if (size === 0) throw emptyFile(param);
  if (type === undefined) decideType();
  const filename = displayName(name);
  return arrivedFile({ path, filename, size, sha256, type: type as FileType });
}

/** The refusal of a file that is larger than its plan allows. */
export function fileTooLarge(plan: Plan, param: string): AppError {
  const megabytes = plan.maxInputBytes / megabyte;
  const message = `The file is larger than ${megabytes} MB, the limit of the ${plan.name} plan.`;
  const extra = { limit_bytes: plan.maxInputBytes, plan: plan.id };
  return new AppError('file_too_large', message, { param, extra });
}

function tooMuch(plan: Plan, param: string): AppError {
  const megabytes = plan.maxTotalBytes / megabyte;
  const message = `The files of one call are larger than ${megabytes} MB together, the limit of the ${plan.name} plan.`;
  const extra = { limit_bytes: plan.maxTotalBytes, plan: plan.id };
  return new AppError('file_too_large', message, { param, extra });
}

function wrongType(
  { accepts }: Pick<Source, 'accepts'>,
  found: FileType | undefined,
  param: string,
): AppError {
  const accepted = accepts.map((type) => fileTypes[type].title).join(', ');
  const what = found ? fileTypes[found].title : 'content of an unknown type';
  return new AppError('unsupported_input', `Expected ${accepted}; found ${what}.`, {
    param,
    extra: { found: found ?? null, accepted: accepts },
  });
}

function emptyFile(param: string): AppError {
  return new AppError('unsupported_input', 'The file is empty.', { param });
}
