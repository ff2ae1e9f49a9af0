import { constants } from 'node:fs';
import { copyFile, link, lstat, open, realpath, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '@nebula/contract/errors';

/**
 * Brings a file of the shared spool to `target`, as a hard link where the volume allows it.
 *
 * @throws AppError `invalid_input` (400) when `path` is not a plain file inside the spool, or has
 * another size than was said
 */
export async function takeFromSpool({
  path,
  size,
  target,
  spoolDir,
  param,
}: {
  path: string;
  size: number;
  target: string;
  spoolDir: string | undefined;
  param: string;
}): Promise<void> {
  const real = await insideSpool(path, spoolDir, param);
  const before = await lstat(real).catch(() => undefined);
  if (!before?.isFile()) throw refused(param, 'a plain file of the spool directory');
  if (before.size !== size) throw refused(param, `a file of ${size} bytes, not ${before.size}`);
  try {
    await link(real, target);
  } catch (error) {
    if (!isCode(error, 'EXDEV', 'EPERM', 'EMLINK')) throw error;
    await copyPlainFile(real, target);
  }
  // A link does not follow symlinks, so what lies here now is what was there at that instant.
  const after = await lstat(target);
  if (!after.isFile() || after.size !== size) throw refused(param, 'a file that does not change');
}

/**
 * The real path of the folder in the spool that takes the outputs.
 *
 * @throws AppError `invalid_input` (400) when it is not a folder inside the spool
 */
export async function resolveOutputDir(path: string, spoolDir: string | undefined) {
  const real = await insideSpool(path, spoolDir, 'output_dir');
  const info = await lstat(real).catch(() => undefined);
  if (!info?.isDirectory()) throw refused('output_dir', 'a folder of the spool directory');
  return real;
}

/** Moves a file; across volumes it is copied. Never replaces a file. */
export async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!isCode(error, 'EXDEV')) throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
    await unlink(from);
  }
}

/** Resolves the folder of `path`, but not its last part: a symlink there is seen as what it is. */
async function insideSpool(path: string, spoolDir: string | undefined, param: string) {
  if (!spoolDir) throw refused(param, 'no path, because SPOOL_DIR is not set');
  const [root, folder] = await Promise.all([
    realpath(spoolDir),
    realpath(dirname(path)).catch(() => undefined),
  ]);
  const name = basename(path);
  const isInside = folder !== undefined && `${folder}${sep}`.startsWith(`${root}${sep}`);
  if (!isInside || name === '..' || name === '.') {
    throw refused(param, 'a path inside the spool directory');
  }
  return join(folder, name);
}

async function copyPlainFile(from: string, to: string): Promise<void> {
  const source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const target = await open(to, 'wx', 0o600);
    await pipeline(
      source.createReadStream({ autoClose: false }),
      target.createWriteStream({ autoClose: true }),
    );
  } finally {
    await source.close();
  }
}

function refused(param: string, expected: string): AppError {
  return new AppError('invalid_input', `Expected ${param} to be ${expected}.`, {
    status: 400,
    param,
  });
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
