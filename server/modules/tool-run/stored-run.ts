import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Job } from '@nebula/contract/job';
import type { OutputFile } from '@nebula/contract/run';
import { newId } from '../../platform/ids.ts';
import type { RunFile, runTool } from '../../platform/media-service.ts';
import { copyStored, presignDownload, readStored, storeFile } from '../../platform/s3.ts';
import type { Spool } from '../../platform/spool.ts';

/** A finished run: its outputs as streams, or the stored job where JSON was asked for. */
export type ToolRun = {
  units: number;
  files: RunFile[];
  result: Omit<Awaited<ReturnType<typeof runTool>>, 'files'>;
  job?: Job;
};

/** An output that lies in the store. */
export type StoredFile = Omit<OutputFile, 'path'> & { id: string; key: string };

/** A run as it is kept for later: plain JSON, its outputs in the store. */
export type StoredRun = Omit<ToolRun, 'files'> & { files: StoredFile[] };

/** Brings outputs that come as a stream to disk, so that they can be read more than once. */
export async function landFiles(files: RunFile[], spool: Spool): Promise<RunFile[]> {
  const landed: RunFile[] = [];
  for (const [at, file] of files.entries()) {
    if (file.path) {
      landed.push(file);
      continue;
    }
    const path = join(await spool.folder(), `result-${at}`);
    await pipeline(file.open(), createWriteStream(path, { flags: 'wx', mode: 0o600 }));
    landed.push({ ...file, path, open: () => createReadStream(path) });
  }
  return landed;
}

/** Stores outputs under a folder of the bucket; nothing else is written there. */
export async function storeFiles(
  files: RunFile[],
  folder: string,
  signal?: AbortSignal,
): Promise<StoredFile[]> {
  const stored: StoredFile[] = [];
  for (const { open: _open, path = '', ...file } of files) {
    const id = newId('file');
    const key = `${folder}/${id}`;
    await storeFile(key, { path, size: file.size, mime: file.mime }, signal);
    stored.push({ ...file, id, key });
  }
  return stored;
}

/** Copies stored outputs to a folder of the bucket, so that they stay when the first ones go. */
export function copyFiles(files: StoredFile[], folder: string): Promise<StoredFile[]> {
  const copy = async (file: StoredFile) => {
    const id = newId('file');
    const key = `${folder}/${id}`;
    await copyStored(file.key, key);
    return { ...file, id, key };
  };
  return Promise.all(files.map(copy));
}

/** A stored run as one that has just ended; the addresses of a job are made anew. */
export async function openRun({ files, job, ...run }: StoredRun): Promise<ToolRun> {
  const opened = files.map(({ key, ...file }) => ({ ...file, open: () => readStored(key) }));
  if (!job) return { ...run, files: opened };
  const signed = job.files.map(async (file) => {
    const stored = files.find(({ id }) => id === file.id);
    return stored ? { ...file, url: await presignDownload(stored.key, stored) } : file;
  });
  return { ...run, files: opened, job: { ...job, files: await Promise.all(signed) } };
}
