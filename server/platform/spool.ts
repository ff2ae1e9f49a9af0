import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '@nebula/contract/errors';
import { env } from '../env.ts';
import { noteBody } from './body-buffers.ts';

const minFreeBytes = 1024 ** 3;

/** The files of one request on disk; `remove` is called once the answer has been sent. */
export type Spool = {
  /** The request's own folder, made at first use. */
  folder: () => Promise<string>;
  /**
   * Writes a stream to a new file and counts it.
   *
   * @param inspect sees every chunk before it is written, and may throw to refuse the file
   */
  write: (
    source: Readable,
    inspect: (chunk: Buffer, size: number) => void,
    signal?: AbortSignal,
  ) => Promise<{ path: string; size: number; sha256: string }>;
  /** Bytes that have been written so far, all files together. */
  bytes: () => number;
  /** Keeps the files until some work on them has ended, also after the answer. */
  keepUntil: (work: Promise<unknown>) => void;
  remove: () => Promise<void>;
};

/** A spool for one request. */
export function createSpool(requestId: string): Spool {
  const path = join(env().SPOOL_DIR, `${process.pid}-${requestId}`);
  const removed = new AbortController();
  const closings: Promise<void>[] = [];
  const uses: Promise<unknown>[] = [];
  let made: Promise<string> | undefined;
  let bytes = 0;
  const folder = () => {
    made ??= makeFolder(path);
    return made;
  };
  return {
    folder,
    bytes: () => bytes,
    write: async (source, inspect, signal = removed.signal) => {
      const folderPath = await folder();
      removed.signal.throwIfAborted();
      const file = join(folderPath, `in-${closings.length}`);
      let size = 0;
      const hash = createHash('sha256');
      const sink = openSink(file, (chunk) => {
        size += chunk.length;
        bytes += chunk.length;
        inspect(chunk, size);
        hash.update(chunk);
      });
      closings.push(new Promise((resolve) => sink.once('close', resolve)));
      await pipeline(source, sink, { signal: AbortSignal.any([signal, removed.signal]) });
      return { path: file, size, sha256: hash.digest('hex') };
    },
    keepUntil: (work) => {
      uses.push(work.catch(() => {}));
    },
    remove: async () => {
      removed.abort(new Error('the request is over'));
      if (!(await made?.catch(() => undefined))) return;
      // A file that is being opened would come into the folder while it is removed.
      await Promise.all([...closings, ...uses]);
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

/**
 * A new file. What arrives while a write is on its way is written together by the next: each write
 * costs a hop to another thread, which is most of what an upload costs.
 */
function openSink(path: string, inspect: (chunk: Buffer) => void): Writable {
  let file: FileHandle | undefined;
  const put = async (chunks: Buffer[]) => {
    for (const chunk of chunks) inspect(chunk);
    const { bytesWritten = 0 } = (await file?.writev(chunks)) ?? {};
    const all = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    noteBody(all);
    // A full disk takes a part without an error; only the next write tells.
    if (bytesWritten < all) await file?.writeFile(Buffer.concat(chunks).subarray(bytesWritten));
  };
  return new Writable({
    highWaterMark: 1024 * 1024,
    construct: (done) => {
      open(path, 'wx', 0o600).then((opened) => {
        file = opened;
        done();
      }, done);
    },
    write: (chunk: Buffer, _encoding, done) => void put([chunk]).then(() => done(), done),
    writev: (chunks, done) => void put(chunks.map(({ chunk }) => chunk)).then(() => done(), done),
    destroy: (error, done) => {
      if (!file) done(error);
      else file.close().then(() => done(error), done);
    },
  });
}

async function makeFolder(path: string): Promise<string> {
  const root = env().SPOOL_DIR;
  await mkdir(root, { recursive: true });
  const { bavail, bsize } = await statfs(root);
  if (bavail * bsize < minFreeBytes) {
    const message = 'The server has no room for another file at the moment.';
    throw new AppError('unavailable', message, { retryAfterSeconds: 30 });
  }
  await mkdir(path, { mode: 0o700 });
  return path;
}

/** Removes what a killed process left; folders of living processes stay. */
export async function sweepSpool(): Promise<void> {
  const root = env().SPOOL_DIR;
  await mkdir(root, { recursive: true });
  for (const name of await readdir(root)) {
    const pid = Number(name.split('-')[0]);
    if (pid !== process.pid && isAlive(pid)) continue;
    await rm(join(root, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
