import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export type ChildServer = { url: string; pid: number; stop: () => Promise<void> };

/** Starts a Node script that prints its port as its first line. */
export async function startChildServer(script: string, args: string[]): Promise<ChildServer> {
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: yardstickEnvironment(),
  });
  const lines = createInterface({ input: child.stdout });
  const [port] = await once(lines, 'line');
  return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, stop: () => end(child) };
}

/** The environment of a process that is measured against: without what the stack was given. */
export function yardstickEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' };
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
