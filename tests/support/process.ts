import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { currentPids, stack } from './stack.ts';

/** The process that answers the public API; the same one as long as nothing has ended it. */
export const webPid = (): number => pidOf('web');

/** The process that the engines belong to. */
export const mediaPid = (): number => pidOf('media');

/** Throws while a part is not running: zero in its place would mean every process there is. */
function pidOf(part: string): number {
  const pid = currentPids()[part];
  if (!pid) throw new Error(`The part ${part} is not running.`);
  return pid;
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Clock ticks that a process has computed, a hundredth of a second each. */
export function cpuTicks(pid: number): number {
  const path = `/proc/${pid}/stat`;
  const stat = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

/** Bytes that a process has read so far, from sockets and files alike. */
export function bytesRead(pid: number): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}

/** The most resident memory that a process had while something ran. */
export async function peakResidentBytes(pid: number, work: () => Promise<unknown>) {
  const end = new AbortController();
  let peak = residentBytes(pid);
  const watch = async () => {
    while (!end.signal.aborted) {
      peak = Math.max(peak, residentBytes(pid));
      await delay(20);
    }
  };
  const watching = watch();
  try {
    await work();
  } finally {
    end.abort();
    await watching;
  }
  return peak;
}

/** Files that a process holds open below a folder. */
export function openFilesBelow(pid: number, folder: string): string[] {
  return readdirSync(`/proc/${pid}/fd`)
    .map((fd) => linkOf(`/proc/${pid}/fd/${fd}`))
    .filter((path) => path.startsWith(folder));
}

/** Living processes below a process, the nearest first. */
export function descendantsOf(pid: number): { pid: number; command: string }[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readProcess);
  const below = (parent: number): typeof all =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(pid).map(({ pid: id, command }) => ({ pid: id, command }));
}

/** Whether a process runs; a zombie does not. */
export function isRunning(pid: number): boolean {
  return readProcess(String(pid)).length > 0;
}

/** Folders of requests in the spool of the web process. */
export const spoolFolders = (): string[] => namesIn(stack.env.SPOOL_DIR ?? '');

/** Folders of jobs in the work folder of the media-service. */
export const workFolders = (): string[] =>
  mediaFolders().filter((name) => /^[0-9A-Z]{26}$/.test(name));

/** Folders that browsers keep their profiles in, beside those of jobs. */
export const profileFolders = (): string[] =>
  mediaFolders().filter((name) => name.startsWith('chromium-'));

function mediaFolders(): string[] {
  const root = stack.env.MEDIA_WORK_DIR ?? '';
  return namesIn(root).flatMap((owner) => namesIn(`${root}/${owner}`));
}

function readProcess(name: string): { pid: number; parent: number; command: string }[] {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z') return [];
    const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return [{ pid: Number(name), parent: Number(parent), command }];
  } catch {
    return [];
  }
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
