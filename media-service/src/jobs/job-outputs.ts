import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { AppError } from '@nebula/contract/errors';
import { fileTypes, sniffBytes } from '@nebula/contract/file-types';
import { uniqueNames } from '@nebula/contract/filename';
import type { OutputFile } from '@nebula/contract/run';
import type { InputFile } from '@nebula/contract/tool';
import { ulid } from 'ulid';
import { outputName } from './filename.ts';
import type { RunOutput } from './job.ts';
import { looksLike } from './job-inputs.ts';
import { readChunks } from './read-chunks.ts';
import { moveFile } from './spool.ts';

/** An output that has been looked at, and where it lies. */
export type CheckedOutput = { file: OutputFile; path: string };

/**
 * Looks at what a runner has made: plain, non-empty files inside the job's folder, of the types it
 * says; and adds size, hash, MIME type and name.
 *
 * @throws AppError `engine_crashed` when an output is missing, empty or of another type
 */
export async function checkOutputs({
  output,
  dir,
  inputs,
  template,
  fallback,
}: {
  output: RunOutput;
  dir: string;
  inputs: InputFile[];
  template: string | undefined;
  fallback: string;
}): Promise<CheckedOutput[]> {
  if (output.files.length === 0) throw unusable('the runner gave no output');
  const count = output.files.length;
  const names = uniqueNames(
    output.files.map(({ type, page, label }, index) =>
      outputName({
        template,
        inputName: inputs[count === inputs.length ? index : 0]?.filename,
        fallback,
        type,
        page,
        index: index + 1,
        count,
        label,
      }),
    ),
  );
  const checked: CheckedOutput[] = [];
  for (const [index, { path, label: _label, ...facts }] of output.files.entries()) {
    const { size, sha256 } = await digest(path, dir, facts.type);
    const filename = names[index] ?? '';
    checked.push({
      file: { filename, mime: fileTypes[facts.type].mime, size, sha256, ...facts },
      path,
    });
  }
  return checked;
}

/**
 * Moves the outputs into a folder of the spool under generated names; on an error none is left there.
 *
 * @returns the outputs with their new places
 */
export async function moveToSpool(outputs: CheckedOutput[], folder: string): Promise<OutputFile[]> {
  const moved: OutputFile[] = [];
  try {
    for (const { file, path } of outputs) {
      const target = join(folder, `${ulid()}.${fileTypes[file.type].extension}`);
      moved.push({ ...file, path: target });
      await moveFile(path, target);
    }
    return moved;
  } catch (error) {
    await removeFiles(moved);
    throw error;
  }
}

/** Removes outputs that nobody will come for. */
export async function removeFiles(files: OutputFile[]): Promise<void> {
  for (const { path } of files) if (path) await rm(path, { force: true });
}

async function digest(path: string, dir: string, type: OutputFile['type']) {
  if (!resolve(path).startsWith(`${dir}${sep}`)) throw unusable(`${path} is outside the folder`);
  const file = await openOutput(path);
  try {
    const { size } = await file.stat();
    if (size === 0) throw unusable(`${path} is empty`);
    const hash = createHash('sha256');
    let isFirst = true;
    for await (const chunk of readChunks(file, size)) {
      if (isFirst && !looksLike(type, chunk.subarray(0, sniffBytes)))
        throw unusable(`${path} is not of type ${type}`);
      isFirst = false;
      hash.update(chunk);
    }
    return { size, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

async function openOutput(path: string) {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw unusable(`${path} cannot be opened`, error);
  }
}

function unusable(truth: string, cause?: unknown): AppError {
  return new AppError('engine_crashed', 'The engine made no usable output.', {
    cause: new Error(truth, { cause }),
  });
}
