import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ownerState } from './owner.ts';
import { ownerVariable } from './process-group.ts';

/** No job lives longer than 31 minutes, so an untouched folder of this age has no owner. */
const maxForeignAgeMs = 60 * 60 * 1000;

/**
 * Removes the work folders that a killed process left, and makes `root` if need be.
 *
 * @returns the names of the removed folders
 */
export async function sweepWorkDirs(root: string): Promise<string[]> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const removed: string[] = [];
  for (const name of await readdir(root)) {
    const path = join(root, name);
    const state = ownerState(name);
    const isLeft = state === 'dead' || (state === 'of another host' && (await isOld(path)));
    if (!isLeft) continue;
    await rm(path, { recursive: true, force: true });
    removed.push(name);
  }
  return removed;
}

/**
 * Kills what the children of a killed process had started: the kernel ended the children, but not
 * their children. Each carries the name of its owner in its environment.
 *
 * @returns the ids of the killed processes
 */
export function killOrphans(): number[] {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      if (ownerState(ownerOf(pid)) !== 'dead') return false;
      return process.kill(pid, 'SIGKILL');
    } catch {
      // It belongs to somebody else, or has ended meanwhile.
      return false;
    }
  });
}

function ownerOf(pid: number): string {
  const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  const prefix = `${ownerVariable}=`;
  return variables.find((text) => text.startsWith(prefix))?.slice(prefix.length) ?? '';
}

async function isOld(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  return info !== undefined && Date.now() - info.mtimeMs > maxForeignAgeMs;
}
