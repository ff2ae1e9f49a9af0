import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** One process of the stack. */
export type Part = {
  name: string;
  command: string;
  args: string[];
  env: Record<string, string>;
  /** Whether it answers; asked until it does. */
  isReady: () => Promise<boolean>;
};

export type Supervisor = {
  /** Starts parts together and waits until each of them answers. */
  start: (parts: Part[], options?: { timeoutMs?: number }) => Promise<void>;
  pids: () => Record<string, number>;
  stop: () => Promise<void>;
};

const marker = 'NEBULA_STACK';
const maxBackoffMs = 10_000;
const provenMs = 10_000;
const stopMs = 28_000;
const setpriv = existsSync('/usr/bin/setpriv') ? '/usr/bin/setpriv' : undefined;

/**
 * Starts processes, prefixes their logs, restarts them with back-off, and ends them as groups.
 *
 * @param folder where logs and the list of pids are kept; it also marks the processes as ours
 */
export function createSupervisor(folder: string, { quiet = false } = {}): Supervisor {
  const children = new Map<string, ChildProcess>();
  const pidFile = join(folder, 'pids.json');
  let isStopping = false;
  mkdirSync(join(folder, 'logs'), { recursive: true });
  sweepLeftovers(pidFile, folder);

  const launch = (part: Part, attempt = 0): void => {
    const startedAt = Date.now();
    const child = spawnPart(part, folder);
    children.set(part.name, child);
    writePids();
    followLog(child, part.name, join(folder, 'logs', `${part.name}.log`), quiet);
    child.once('exit', async (code, signal) => {
      children.delete(part.name);
      if (isStopping) return;
      // Who has run for a while is started again at once; only one that ends each time has to wait.
      const next = Date.now() - startedAt > provenMs ? 0 : attempt + 1;
      const wait = next === 0 ? 0 : Math.min(maxBackoffMs, 250 * 2 ** (next - 1));
      say(part.name, `ended (${signal ?? code}); starting again in ${wait} ms`);
      await delay(wait);
      if (!isStopping) launch(part, next);
    });
  };

  const pids = () =>
    Object.fromEntries([...children].map(([name, child]) => [name, child.pid ?? 0]));
  const writePids = () => writeFileSync(pidFile, JSON.stringify(pids()));

  return {
    start: async (parts, { timeoutMs = 60_000 } = {}) => {
      for (const part of parts) launch(part);
      await Promise.all(parts.map((part) => waitUntilReady(part, timeoutMs, folder)));
    },
    pids,
    stop: async () => {
      isStopping = true;
      // In the reverse order of the start: whoever needs a part ends before it.
      for (const child of [...children.values()].reverse()) await endGroup(child);
      rmSync(pidFile, { force: true });
    },
  };
}

function spawnPart(part: Part, folder: string): ChildProcess {
  const guard = setpriv ? [setpriv, '--pdeathsig', 'KILL', '--'] : [];
  const [command = part.command, ...args] = [...guard, part.command, ...part.args];
  return spawn(command, args, {
    env: { NODE_ENV: 'production', ...part.env, [marker]: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
}

function followLog(child: ChildProcess, name: string, file: string, quiet: boolean): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      appendFileSync(file, `${line}\n`);
      if (!quiet) say(name, line);
    });
  }
}

function say(name: string, line: string): void {
  process.stdout.write(`${`[${name}]`.padEnd(11)} ${line}\n`);
}

async function waitUntilReady(part: Part, timeoutMs: number, folder: string): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (Date.now() < end) {
    if (await part.isReady().catch(() => false)) return;
    await delay(100);
  }
  const log = join(folder, 'logs', `${part.name}.log`);
  throw new Error(`${part.name} did not become ready in ${timeoutMs / 1000} s. Its log: ${log}`);
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || !child.pid) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  signalGroup(child.pid, 'SIGTERM');
  const isEnded = await Promise.race([ended.then(() => true), delay(stopMs, false)]);
  signalGroup(child.pid, 'SIGKILL');
  if (!isEnded) await ended;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}

/** Ends what a killed run left behind; a pid counts only when the process carries our mark. */
function sweepLeftovers(pidFile: string, folder: string): void {
  mkdirSync(dirname(pidFile), { recursive: true });
  if (!existsSync(pidFile)) return;
  const pids = JSON.parse(readFileSync(pidFile, 'utf8')) as Record<string, number>;
  for (const pid of Object.values(pids)) if (isOurs(pid, folder)) signalGroup(pid, 'SIGKILL');
  rmSync(pidFile);
}

function isOurs(pid: number, folder: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`${marker}=${folder}\0`);
  } catch {
    return false;
  }
}
