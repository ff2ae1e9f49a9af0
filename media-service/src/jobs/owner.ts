import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

const pattern = /^([0-9a-f]{8})-(\d+)-(\d+)$/;

/**
 * The name of a process that owns folders and children: host, pid and start time. The start time
 * tells apart two processes that had the same pid, as all have that are the first of a container.
 */
export function ownerName(pid = process.pid): string {
  return `${hostKey()}-${pid}-${startTime(pid) ?? 0}`;
}

/** What is known of an owner; `undefined` where the text is not the name of one. */
export function ownerState(name: string): 'alive' | 'dead' | 'of another host' | undefined {
  const [, host, pid, start] = pattern.exec(name) ?? [];
  if (host === undefined) return undefined;
  if (host !== hostKey()) return 'of another host';
  return isAlive(Number(pid), Number(start)) ? 'alive' : 'dead';
}

function isAlive(pid: number, start: number): boolean {
  if (process.platform === 'linux') return startTime(pid) === start;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Clock ticks between the boot of the machine and the start of a process; see proc(5). */
function startTime(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}

function hostKey(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}
