import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Env } from '../env.ts';
import type { Job } from '../jobs/job.ts';
import { guardedCommand } from '../jobs/process-group.ts';
import type { Engine } from './engines.ts';
import { openSession, type Session, type SessionOptions } from './ghostscript/session.ts';

/** Ghostscript: one or two processes for each document, one document at a time. */
export type Ghostscript = Engine & {
  /** Opens a document in a process of its own; the caller closes it on every way out. */
  open: (options: SessionOptions, room: Pick<Job<unknown>, 'dir' | 'signal'>) => Promise<Session>;
};

/** The sessions go through this procedure of its PDF interpreter, which is there since 10.0. */
const look = 'revision = systemdict /newpdf_device_setup known = quit';

export function createGhostscript(env: Env): Ghostscript {
  let version = '';
  let busy = 0;
  return {
    start: async () => {
      const [file, args] = guardedCommand(env.GHOSTSCRIPT_PATH, ['-q', '-dNODISPLAY', '-c', look]);
      const { stdout } = await promisify(execFile)(file, args, { timeout: 20_000 });
      const [revision, isKnown] = stdout.split('\n');
      if (isKnown !== 'true')
        throw new Error(`Ghostscript ${revision} is too old; 10.0 is needed.`);
      version = readRevision(Number(revision));
    },
    stop: async () => {},
    health: () => ({
      ready: version !== '',
      version,
      slots: 1,
      busy: Math.min(1, busy),
      restarts: 0,
    }),
    open: async (options, room) => {
      busy += 1;
      const free = () => {
        busy -= 1;
      };
      try {
        const session = await openSession(env.GHOSTSCRIPT_PATH, options, room);
        return { ...session, close: () => session.close().finally(free) };
      } catch (error) {
        free();
        throw error;
      }
    },
  };
}

/** `10021` is 10.02.1. */
function readRevision(revision: number): string {
  const minor = String(Math.floor((revision % 1000) / 10)).padStart(2, '0');
  return `${Math.floor(revision / 1000)}.${minor}.${revision % 10}`;
}
