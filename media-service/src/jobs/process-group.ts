import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs';
import { ownerName } from './owner.ts';

const setpriv = existsSync('/usr/bin/setpriv') ? '/usr/bin/setpriv' : undefined;
const prlimit = existsSync('/usr/bin/prlimit') ? '/usr/bin/prlimit' : undefined;
const choom = existsSync('/usr/bin/choom') ? '/usr/bin/choom' : undefined;

const liveGroups = new Set<ChildProcess>();

/**
 * The command that runs `command` so that the kernel kills it when this process dies, prefers it to
 * this process where memory runs out, and does not let it map more than `addressSpaceBytes` (leave
 * that out for Chromium and Node, which reserve far more than they use).
 */
export function guardedCommand(
  command: string,
  args: readonly string[],
  { addressSpaceBytes }: { addressSpaceBytes?: number } = {},
): [command: string, args: string[]] {
  const full = [command, ...args];
  if (addressSpaceBytes && prlimit) full.unshift(prlimit, `--as=${addressSpaceBytes}`, '--');
  if (choom) full.unshift(choom, '-n', '500', '--');
  if (setpriv) full.unshift(setpriv, '--pdeathsig', 'KILL', '--');
  const [first = command, ...rest] = full;
  return [first, rest];
}

/** Starts a child as the leader of its own process group, without the parent's secrets. */
export function spawnGroup(
  command: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'cwd' | 'stdio'> & {
    env?: Record<string, string>;
    addressSpaceBytes?: number;
  } = {},
): ChildProcess {
  const { addressSpaceBytes, env, ...rest } = options;
  const [file, argv] = guardedCommand(command, args, { addressSpaceBytes });
  const child = spawn(file, argv, {
    ...rest,
    env: { ...baseEnvironment, ...env },
    detached: true,
  });
  liveGroups.add(child);
  child.once('exit', () => {
    // The leader is gone; what it had started must not outlive it.
    killGroup(child);
    liveGroups.delete(child);
  });
  return child;
}

/** Ends every group that this process has started; the last thing that it does. */
export function killAllGroups(): void {
  for (const child of liveGroups) killGroup(child);
}

/** Names the process that a child belongs to, so that its orphans can be found. */
export const ownerVariable = 'MEDIA_OWNER';

/** What a child may know of our environment: where programs and fonts are, nothing else. */
export const baseEnvironment: NodeJS.ProcessEnv = {
  // biome-ignore lint/style/noProcessEnv: children need the real PATH, and nothing but it.
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  [ownerVariable]: ownerName(),
  // biome-ignore lint/style/noProcessEnv: as above.
  NODE_ENV: process.env.NODE_ENV ?? 'production',
};

/** Ends a whole process group at once; SIGTERM is never trusted. */
export function killGroup(child: Pick<ChildProcess, 'pid'> | undefined): void {
  if (!child?.pid) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

const watches = new Map<number, { ceilingBytes: number; onExceeded: () => void }>();
let watchTimer: NodeJS.Timeout | undefined;

/**
 * Processes of others, of which a machine has far more than of ours. They are forgotten now and then,
 * because their numbers may pass to ours.
 */
const strangers = new Set<string>();
const looksUntilForgotten = 20;
let looks = 0;

/**
 * Watches the resident memory of a process group and calls `onExceeded` once when it passes the
 * ceiling. All groups are seen in one look at the machine, four times a second.
 *
 * @returns a function that ends the watch
 */
export function watchMemory(groupId: number, ceilingBytes: number, onExceeded: () => void) {
  watches.set(groupId, { ceilingBytes, onExceeded });
  strangers.clear();
  watchTimer ??= setInterval(checkWatches, 250).unref();
  return () => endWatch(groupId);
}

function checkWatches(): void {
  looks += 1;
  if (looks % looksUntilForgotten === 0) strangers.clear();
  const memory = memoryByGroup((entry, groupId) => {
    if (!watches.has(groupId)) strangers.add(entry);
  });
  for (const [groupId, { ceilingBytes, onExceeded }] of watches) {
    if ((memory.get(groupId) ?? 0) <= ceilingBytes) continue;
    endWatch(groupId);
    onExceeded();
  }
}

function endWatch(groupId: number): void {
  watches.delete(groupId);
  if (watches.size > 0) return;
  clearInterval(watchTimer);
  watchTimer = undefined;
}

/** Resident bytes of all processes of a group, shared pages counted once for each process. */
export function groupMemoryBytes(groupId: number): number {
  strangers.clear();
  return memoryByGroup().get(groupId) ?? 0;
}

function memoryByGroup(onSeen?: (entry: string, groupId: number) => void): Map<number, number> {
  const memory = new Map<number, number>();
  if (process.platform !== 'linux') return memory;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry) || strangers.has(entry)) continue;
    const stat = readSmallFile(`/proc/${entry}/stat`);
    if (stat === undefined) continue;
    // Behind the name, which may hold anything: state, parent, group, …, and resident pages.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 22);
    const groupId = Number(fields[2]);
    memory.set(groupId, (memory.get(groupId) ?? 0) + Number(fields[21]) * 4096);
    onSeen?.(entry, groupId);
  }
  return memory;
}

const statBuffer = Buffer.alloc(1024);

/** One read without an allocation; undefined where the process has ended since it was listed. */
function readSmallFile(path: string): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const bytes = readSync(file, statBuffer, 0, statBuffer.length, 0);
    return statBuffer.toString('latin1', 0, bytes);
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
