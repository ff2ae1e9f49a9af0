import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@nebula/contract/errors';
import type { Job } from '../jobs/job.ts';
import { killGroup, spawnGroup } from '../jobs/process-group.ts';

type Room = Pick<Job<unknown>, 'dir' | 'signal'>;

const addressSpaceBytes = 2 * 1024 ** 3;
const maxStderrBytes = 16 * 1024;

/** Exit status 3 means that qpdf mended something on the way; the result is whole. */
const goodStatuses = new Set([0, 3]);

/** Puts documents behind each other. */
export function joinParts(parts: readonly string[], output: string, room: Room): Promise<void> {
  const [first = ''] = parts;
  return run(
    [
      '--deterministic-id',
      first,
      '--pages',
      ...parts.flatMap((part) => [part, '1-z']),
      '--',
      output,
    ],
    room,
  );
}

/** Keeps the given pages, 1-based and in order. */
export function selectPages(
  input: string,
  pages: readonly number[],
  output: string,
  room: Room,
): Promise<void> {
  return run(['--deterministic-id', input, '--pages', input, pages.join(','), '--', output], room);
}

export type Encryption = { user: string; owner: string; allow: readonly string[] };

/** Encrypts with AES-256; whatever `allow` does not name is forbidden without the owner password. */
export function encryptPdf(
  input: string,
  { allow, owner, user }: Encryption,
  output: string,
  room: Room,
): Promise<void> {
  const may = (name: string) => (allow.includes(name) ? 'y' : 'n');
  const limits = [
    `--print=${allow.includes('print') ? 'full' : 'none'}`,
    `--extract=${may('copy')}`,
    `--modify-other=${may('modify')}`,
    `--annotate=${may('annotate')}`,
    `--form=${may('forms')}`,
    `--assemble=${may('assemble')}`,
    `--accessibility=${may('accessibility')}`,
  ];
  return run(['--encrypt', user, owner, '256', ...limits, '--', input, output], room);
}

let count = 0;

/** Arguments go through a file of the job: passwords never show in the list of processes. */
async function run(args: readonly string[], { dir, signal }: Room): Promise<void> {
  signal.throwIfAborted();
  const file = join(dir, `qpdf-${count++}.args`);
  await writeFile(file, args.join('\n'), { mode: 0o600 });
  const child = spawnGroup('qpdf', [`@${file}`], {
    cwd: dir,
    addressSpaceBytes,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr?.on('data', (data: Buffer) => {
    if (stderr.length < maxStderrBytes) stderr += data.toString();
  });
  const onAbort = () => killGroup(child);
  signal.addEventListener('abort', onAbort, { once: true });
  const [status] = (await once(child, 'close')) as [number | null];
  signal.removeEventListener('abort', onAbort);
  signal.throwIfAborted();
  if (status !== null && goodStatuses.has(status)) return;
  const cause = new Error(`qpdf ended with ${status}: ${stderr.slice(-500)}`);
  throw new AppError('engine_crashed', 'The PDF could not be finished.', { cause });
}
