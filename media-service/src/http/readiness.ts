import { access, constants } from 'node:fs/promises';
import type { EngineName } from '../engines/engines.ts';
import type { EngineStarter } from '../jobs/engine-starter.ts';
import type { JobRoom } from '../jobs/run-job.ts';
import { minFreeBytes } from '../jobs/work-dir.ts';

/** Whether a job sent now would be run, and what is in the way. */
export type Readiness = { ready: boolean; failed: { part: string; reason: string }[] };

const cacheMs = 1000;

/** Looks at most once a second, however often it is asked; draining is seen at once. */
export function createReadiness({
  room,
  starter,
  overdue,
  workRoot,
}: {
  room: JobRoom;
  starter: EngineStarter;
  overdue: ReadonlyMap<EngineName, number>;
  workRoot: string;
}): () => Promise<Readiness> {
  let known: Promise<Readiness> | undefined;
  let knownAt = 0;

  async function look(): Promise<Readiness> {
    const failed: Readiness['failed'] = [];
    for (const name of Object.keys(room.engines) as EngineName[]) {
      const reason = engineProblem(name);
      if (reason) failed.push({ part: name, reason });
    }
    const reason = await diskProblem();
    if (reason) failed.push({ part: 'work_dir', reason });
    return { ready: failed.length === 0, failed };
  }

  function engineProblem(name: EngineName): string | undefined {
    if (starter.state(name) !== 'started') return starter.state(name);
    const { ready, slots } = room.engines[name].health();
    if (!ready) return 'not ready';
    return (overdue.get(name) ?? 0) >= Math.max(1, slots) ? 'every slot is stuck' : undefined;
  }

  async function diskProblem(): Promise<string | undefined> {
    try {
      await access(workRoot, constants.W_OK);
      return (await room.workDirs.freeBytes()) < minFreeBytes ? 'disk space is short' : undefined;
    } catch {
      return 'not writable';
    }
  }

  return () => {
    if (room.running.isDraining())
      return Promise.resolve({ ready: false, failed: [{ part: 'service', reason: 'draining' }] });
    const now = performance.now();
    if (!known || now - knownAt >= cacheMs) {
      knownAt = now;
      known = look();
    }
    return known;
  };
}
