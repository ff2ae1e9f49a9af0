import { readFileSync, writeFileSync } from 'node:fs';

/** This process, those that it has started, and theirs. */
function family(pid = process.pid): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').match(/\d+/g) ?? [];
  return [pid, ...children.flatMap((child) => family(Number(child)))];
}

/** Bytes of a line of /proc/pid/status; 0 for a process that has ended. */
function bytesOf(pid: number, line: 'VmRSS' | 'VmHWM'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`${line}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** How much more memory this process and its children had at their peaks, while work was done. */
export async function growthDuring(work: () => Promise<unknown>): Promise<number> {
  const before = new Map(family().map((pid) => [pid, bytesOf(pid, 'VmRSS')]));
  // The kernel forgets the peak of before.
  for (const pid of before.keys()) writeFileSync(`/proc/${pid}/clear_refs`, '5');
  await work();
  return [...before].reduce(
    (sum, [pid, bytes]) => sum + Math.max(0, bytesOf(pid, 'VmHWM') - bytes),
    0,
  );
}
