import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import {
  groupMemoryBytes,
  killAllGroups,
  killGroup,
  spawnGroup,
  watchMemory,
} from './process-group.ts';

afterEach(killAllGroups);

/** Starts a shell script and resolves when it has written its first line. */
async function startShell(script: string, options: Parameters<typeof spawnGroup>[2] = {}) {
  const child = spawnGroup('sh', ['-c', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
    ...options,
  });
  if (!child.stdout || child.pid === undefined) throw new Error('the shell did not start');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, pid: child.pid, line: line.toString().trim() };
}

function membersOf(group: number): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(pgrp) === group && state !== 'Z';
    } catch {
      return false;
    }
  });
}

describe('a process group', () => {
  test('dies whole, with a child that ignores SIGTERM', async () => {
    const { child, pid } = await startShell(`sh -c 'trap "" TERM; sleep 600' & echo up; wait`);
    killGroup(child);
    await expect.poll(() => membersOf(pid)).toEqual([]);
  });

  test('does not outlive its leader', async () => {
    const { pid } = await startShell('sleep 600 & echo up');
    await expect.poll(() => membersOf(pid)).toEqual([]);
  });

  test('dies before the kernel takes its parent, where memory runs out', async () => {
    const { line } = await startShell('cat /proc/self/oom_score_adj; sleep 600');
    expect(line).toBe('500');
  });

  test('sees nothing of our secrets', async () => {
    process.env.SECRET_OF_THE_PARENT = 'secret';
    const child = spawnGroup('env', [], { stdio: ['ignore', 'pipe', 'ignore'] });
    const seen = child.stdout ? await text(child.stdout) : '';
    delete process.env.SECRET_OF_THE_PARENT;
    expect(seen).toContain('PATH=');
    expect(seen).not.toContain('secret');
  });

  test('cannot map more memory than its ceiling', async () => {
    const program = 'bytearray(500_000_000)';
    const child = spawnGroup('python3', ['-c', program], {
      stdio: 'ignore',
      addressSpaceBytes: 300_000_000,
    });
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).not.toBe(0);
    const roomy = spawnGroup('python3', ['-c', program], { stdio: 'ignore' });
    expect(((await once(roomy, 'exit')) as [number])[0]).toBe(0);
  });

  test('is reported once when its resident memory passes the ceiling', async () => {
    const { pid } = await startShell(
      `python3 -c 'x = bytearray(b"1" * 80_000_000); print("up", flush=True); import time; time.sleep(600)'`,
    );
    expect(groupMemoryBytes(pid)).toBeGreaterThan(80_000_000);
    await new Promise<void>((resolve) => watchMemory(pid, 50_000_000, resolve));
  });
});
