import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, isAppError } from '@nebula/contract/errors';
import { ulid } from 'ulid';
import type { Job } from '../jobs/job.ts';
import { killGroup, spawnGroup } from '../jobs/process-group.ts';
import { shortageIn } from '../jobs/shortage.ts';

type Room = Pick<Job<unknown>, 'dir' | 'signal'>;

const addressSpaceBytes = 2 * 1024 ** 3;
const maxStderrChars = 4_096;

/** Exit status 3 means that qpdf mended something on the way; the result is whole. */
const goodStatuses = new Set<unknown>([0, 3]);

/** Lays pages `from` to `to` of one document over the same pages of another. */
export function overlayPages(
  {
    from,
    input,
    output,
    overlay,
    to,
  }: { input: string; overlay: string; from: number; to: number; output: string },
  room: Room,
): Promise<void> {
  const range = `${from}-${to}`;
  return runQpdf(
    {
      inputFile: input,
      outputFile: output,
      deterministicId: '',
      overlay: { file: overlay, from: range, to: range },
    },
    room,
  );
}

/** Without the owner's password, only what `allow` names is possible. */
export type Encryption = { user: string; owner: string; allow: readonly string[] };

/** Encrypts with AES-256. */
export function encryptPdf(
  input: string,
  { allow, owner, user }: Encryption,
  output: string,
  room: Room,
): Promise<void> {
  const may = (name: string) => (allow.includes(name) ? 'y' : 'n');
  const limits = {
    print: allow.includes('print') ? 'full' : 'none',
    extract: may('copy'),
    modifyOther: may('modify'),
    annotate: may('annotate'),
    form: may('forms'),
    assemble: may('assemble'),
    accessibility: may('accessibility'),
  };
  const encrypt = { userPassword: user, ownerPassword: owner, '256bit': limits };
  return runQpdf({ inputFile: input, outputFile: output, encrypt }, room);
}

/**
 * Removes the encryption.
 *
 * @throws AppError `password_incorrect` when neither the user's nor the owner's password is right
 */
export async function decryptPdf(
  input: string,
  password: string,
  output: string,
  room: Room,
): Promise<void> {
  const task = { inputFile: input, outputFile: output, password, decrypt: '' };
  await runQpdf(task, room, (stderr) =>
    /invalid password/.test(stderr)
      ? new AppError('password_incorrect', 'The password does not open the document.', {
          param: 'password',
        })
      : new AppError('corrupt_input', 'The PDF is damaged: it could not be decrypted.'),
  );
}

/** The task goes by a file of the job, because every user may read the list of processes. */
async function runQpdf(
  task: Record<string, unknown>,
  { dir, signal }: Room,
  explain?: (stderr: string) => AppError,
): Promise<void> {
  signal.throwIfAborted();
  const taskFile = join(dir, `qpdf-${ulid()}.json`);
  await writeFile(taskFile, JSON.stringify(task), { mode: 0o600 });
  const child = spawnGroup('qpdf', [`--job-json-file=${taskFile}`], {
    cwd: dir,
    addressSpaceBytes,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr?.on('data', (data: Buffer) => {
    if (stderr.length < maxStderrChars) stderr += data.toString();
  });
  const onAbort = () => killGroup(child);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const [status] = await once(child, 'close');
    signal.throwIfAborted();
    if (goodStatuses.has(status)) return;
    const known = shortageIn(stderr) ?? (status === 2 ? explain?.(stderr) : undefined);
    throw known ?? new Error(`qpdf ended with ${status}: ${stderr}`);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    if (isAppError(cause)) throw cause;
    throw new AppError('engine_crashed', 'The PDF could not be finished.', { cause });
  } finally {
    signal.removeEventListener('abort', onAbort);
    await rm(taskFile, { force: true });
  }
}
