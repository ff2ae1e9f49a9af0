import { statfs } from 'node:fs/promises';
import { AppError } from '@nebula/contract/errors';

const codes: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EMFILE']);
const words =
  'No space left on device|Disk quota exceeded|Read-only file system|Too many open files';
const inPrint = new RegExp(words);
const inLibvips = new RegExp(`^system error: (?:${words})`, 'm');

/** The public error for a machine that is short of something, whatever the input is like. */
export function shortage(cause: unknown): AppError {
  const details = { retryAfterSeconds: 30, cause };
  return new AppError('unavailable', 'The service is short of disk space or files.', details);
}

/** The {@link shortage} that an error of Node or of libvips tells of; undefined for any other. */
export function shortageOf(error: unknown): AppError | undefined {
  if (!(error instanceof Error)) return undefined;
  const isShort = ('code' in error && codes.has(error.code)) || inLibvips.test(error.message);
  return isShort ? shortage(error) : undefined;
}

/** The {@link shortage} that a program has printed on its stderr; undefined where it has not. */
export function shortageIn(stderr: string): AppError | undefined {
  return inPrint.test(stderr) ? shortage(new Error(stderr.slice(0, 2000))) : undefined;
}

/** For a program that does not say why it wrote nothing: the {@link shortage} of fewer free bytes. */
export async function shortageBelow(bytes: number, dir: string): Promise<AppError | undefined> {
  const { bavail, bsize } = await statfs(dir);
  const free = bavail * bsize;
  return free < bytes ? shortage(new Error(`${free} of ${bytes} bytes are free`)) : undefined;
}
