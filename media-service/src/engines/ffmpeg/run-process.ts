import { once } from 'node:events';
import { AppError } from '@nebula/contract/errors';
import type { Job } from '../../jobs/job.ts';
import { killGroup, spawnGroup, watchMemory } from '../../jobs/process-group.ts';

/** Where a process runs, and what ends it. */
export type Room = Pick<Job<unknown>, 'dir' | 'signal'>;

/** How a process ended by itself. */
export type Ended = { status: number | null; killedBy: string | null; stderr: string };

const maxStderrChars = 64 * 1024;
const maxLineChars = 4096;
const memoryCeilingBytes = 3 * 1024 ** 3;
const addressSpaceBytes = 8 * 1024 ** 3;

/**
 * Runs ffmpeg or ffprobe as a process group of its own, and kills the group on abort, when it takes
 * too much memory, and when it does nothing for `stallMs`.
 *
 * @param onOutput gets what it prints; answers whether that was a step forward
 * @throws AppError `tool_timeout`, `input_too_complex`, or the reason of the signal
 */
export async function runProcess(
  command: string,
  args: readonly string[],
  { dir, signal }: Room,
  { onOutput, stallMs }: { onOutput: (chunk: Buffer) => boolean; stallMs: number },
): Promise<Ended> {
  signal.throwIfAborted();
  const child = spawnGroup(command, args, {
    cwd: dir,
    addressSpaceBytes,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let failure: unknown;
  const end = (reason: unknown) => {
    failure ??= reason;
    killGroup(child);
  };
  const onAbort = () => end(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const stall = setTimeout(() => end(stalled(stallMs)), stallMs);
  const endWatch = child.pid && watchMemory(child.pid, memoryCeilingBytes, () => end(tooLarge()));
  const stderr = keepComplaints(child.stderr);
  child.stdout?.on('data', (chunk: Buffer) => {
    try {
      if (onOutput(chunk)) stall.refresh();
    } catch (error) {
      end(error);
    }
  });
  try {
    const [status, killedBy] = await once(child, 'close');
    if (failure) throw failure;
    return { status, killedBy, stderr: stderr() };
  } finally {
    signal.removeEventListener('abort', onAbort);
    clearTimeout(stall);
    if (endWatch) endWatch();
  }
}

/** Descriptions of files are indented, and everything below an error says its level. */
const isChatter = (line: string) => /^\s*$|^\s|\[(?:warning|info|verbose|debug)\]/.test(line);
/** Encoders tell of what they have measured as information, in their last lines. */
const isFigure = (line: string) => /\bSSIM Mean Y/.test(line);

/** The first 64 KB of complaints; the rest is read and forgotten, so that nobody blocks on it. */
function keepComplaints(stream: NodeJS.ReadableStream | null): () => string {
  let kept = '';
  let rest = '';
  const keep = (line: string) => {
    const isWanted = isFigure(line) || (kept.length < maxStderrChars && !isChatter(line));
    if (isWanted) kept += `${line.slice(0, maxLineChars)}\n`;
  };
  stream?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = (lines.pop() ?? '').slice(-maxLineChars);
    for (const line of lines) keep(line);
  });
  return () => {
    keep(rest);
    rest = '';
    return kept;
  };
}

function stalled(stallMs: number): AppError {
  const message = `The video made no progress for ${Math.round(stallMs / 1000)} seconds and was stopped.`;
  return new AppError('tool_timeout', message);
}

function tooLarge(): AppError {
  return new AppError('input_too_complex', 'The video needs more memory than one job may use.', {
    extra: { limit_bytes: memoryCeilingBytes },
  });
}
