import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@nebula/contract/errors';
import { type FileType, fileTypes, sniffBytes, sniffFileType } from '@nebula/contract/file-types';
import { displayName } from '@nebula/contract/filename';
import type { RunRequest } from '@nebula/contract/run';
import type { InputFile, Source, Tool } from '@nebula/contract/tool';
import { abortable } from './abortable.ts';
import { takeFromSpool } from './spool.ts';

/** The bytes that follow the head of a request. */
export type FileBytes = {
  /** Exactly the next `size` bytes; throws AppError `invalid_input` (400) when there are fewer. */
  take: (size: number) => AsyncIterable<Uint8Array>;
  /** Throws AppError `invalid_input` (400) unless the body ends here. */
  expectEnd: () => Promise<void>;
};

/** Refuses by number and declared type, before a byte of a file is read. */
export function checkDeclaredFiles(tool: Tool, files: RunRequest['files']): void {
  const { accepts, field, list, maxFiles } = tool.source;
  const most = maxFiles + (list?.maxFiles ?? 0);
  if (files.length > most) {
    const message = `Expected at most ${most} files, received ${files.length}.`;
    throw new AppError('invalid_input', message, { param: list?.field ?? field });
  }
  for (const { type } of files) {
    if (!accepts.some((accepted) => accepted === type)) throw unsupported(tool, type);
  }
}

/** What an input is held against. */
type Taker = { source: Pick<Source, 'field' | 'accepts'> };

/** Puts the inputs into `dir` under generated names, and reads the body to its end. */
export async function placeInputs({
  tool,
  files,
  bytes,
  dir,
  spoolDir,
  signal,
}: {
  tool: Taker;
  files: RunRequest['files'];
  bytes: FileBytes;
  dir: string;
  spoolDir: string | undefined;
  signal: AbortSignal;
}): Promise<InputFile[]> {
  const placed: InputFile[] = [];
  for (const [index, { filename, type: declared, size, path }] of files.entries()) {
    const type = declared as FileType;
    const target = join(dir, `input-${index}.${fileTypes[type].extension}`);
    if (path === undefined) await abortable(writeBytes(bytes.take(size), target), signal);
    else await takeFromSpool({ path, size, target, spoolDir, param: `files.${index}.path` });
    placed.push({ path: target, filename: displayName(filename, `input-${index}`), size, type });
  }
  await abortable(bytes.expectEnd(), signal);
  for (const file of placed) {
    if (!looksLike(file.type, await readHead(file.path))) throw unsupported(tool, file.type);
  }
  return placed;
}

const textTypes: ReadonlySet<FileType> = new Set(['html', 'svg', 'json']);

/** Whether a file that begins with `head` may be of `type`; text has no sure sign. */
export function looksLike(type: FileType, head: Uint8Array): boolean {
  const sniffed = sniffFileType(head);
  return sniffed === type || (sniffed === undefined && textTypes.has(type));
}

/** The first bytes of a file, as many as tell its type. */
async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(sniffBytes), 0, sniffBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function writeBytes(chunks: AsyncIterable<Uint8Array>, target: string): Promise<void> {
  const file = await open(target, 'wx', 0o600);
  try {
    for await (const chunk of chunks) await file.writeFile(chunk);
  } finally {
    await file.close();
  }
}

function unsupported(tool: Taker, declared: string): AppError {
  const accepted = tool.source.accepts.map((type) => fileTypes[type].title).join(', ');
  return new AppError(
    'unsupported_input',
    `Expected ${tool.source.field} to be one of ${accepted}; the content is not ${declared}.`,
    { param: tool.source.field },
  );
}
