import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** CPU milliseconds by part: `client`, `web`, `media`, `engines`, … */
export type Usage = Record<string, number>;

/** Reads the CPU time that each part has used so far. */
export type UsageMeter = () => Usage;

/** Linux counts CPU time in hundredths of a second, whatever the kernel's own tick is. */
const tickMilliseconds = 10;

/**
 * A meter of this process and of others.
 *
 * @param roots process ids by part. `client` is this process and `spawned` what it has started and
 *   seen end; the children of a part `x` are counted as `x children`.
 */
export function createMeter(roots: Record<string, number | (() => number[])> = {}): UsageMeter {
  return () => {
    const own = process.cpuUsage();
    const usage: Usage = { client: (own.user + own.system) / 1000 };
    const table = readProcesses();
    usage.spawned = table.get(process.pid)?.reaped ?? 0;
    for (const [name, root] of Object.entries(roots)) {
      const ids = typeof root === 'number' ? [root] : root();
      usage[name] = ids.reduce((sum, id) => sum + (table.get(id)?.own ?? 0), 0);
      const below = ids.reduce((sum, id) => sum + treeTime(id, table), 0) - (usage[name] ?? 0);
      if (below > 0) usage[`${name} children`] = below;
    }
    return usage;
  };
}

/** CPU milliseconds of one request between two readings. */
export function usageBetween(before: Usage, after: Usage, requests: number): Usage {
  const parts = Object.keys(after).map((name): [string, number] => [
    name,
    ((after[name] ?? 0) - (before[name] ?? 0)) / requests,
  ]);
  return Object.fromEntries(parts);
}

/** Says where the CPU time of a request went, the largest part first; below 0.1 ms is left out. */
export function describeUsage(usages: Usage[]): string {
  const names = new Set(usages.flatMap((usage) => Object.keys(usage)));
  const means = [...names].map((name) => ({
    name,
    milliseconds: usages.reduce((sum, usage) => sum + (usage[name] ?? 0), 0) / usages.length,
  }));
  return means
    .filter(({ milliseconds }) => milliseconds >= 0.1)
    .sort((a, b) => b.milliseconds - a.milliseconds)
    .map(({ name, milliseconds }) => `${name} ${milliseconds.toFixed(1)}`)
    .join(', ');
}

/** Bytes that a process held at most since {@link resetPeakMemory}. */
export function readPeakMemory(processId: number): number {
  const status = readFileSync(`/proc/${processId}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/** From now on the peak is counted anew. */
export function resetPeakMemory(processId: number): void {
  writeFileSync(`/proc/${processId}/clear_refs`, '5');
}

type ProcessTimes = { parent: number; own: number; reaped: number };

function readProcesses(): Map<number, ProcessTimes> {
  const table = new Map<number, ProcessTimes>();
  for (const entry of readdirSync('/proc')) {
    const id = Number(entry);
    const times = Number.isInteger(id) ? readTimes(id) : undefined;
    if (times) table.set(id, times);
  }
  return table;
}

function readTimes(id: number): ProcessTimes | undefined {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
    // The name may hold spaces and parentheses; what follows it is fields 3 and up.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const sum = (from: number) =>
      (Number(fields[from]) + Number(fields[from + 1])) * tickMilliseconds;
    return { parent: Number(fields[1]), own: sum(11), reaped: sum(13) };
  } catch {
    return undefined;
  }
}

/** A process, its living descendants, and those that have ended and were waited for. */
function treeTime(root: number, table: Map<number, ProcessTimes>): number {
  const times = table.get(root);
  if (!times) return 0;
  let sum = times.own + times.reaped;
  for (const [id, { parent }] of table) if (parent === root) sum += treeTime(id, table);
  return sum;
}
