import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import type { EngineName, Engines } from '../engines/engines.ts';
import type { Env } from '../env.ts';
import { type Admission, createEngineQueue } from '../jobs/admission.ts';
import { createCpuTokens } from '../jobs/cpu-tokens.ts';
import { createEngineStarter } from '../jobs/engine-starter.ts';
import type { JobRoom, Runners } from '../jobs/run-job.ts';
import { createRunningJobs } from '../jobs/running-jobs.ts';
import { killOrphans, sweepWorkDirs } from '../jobs/start-sweep.ts';
import { createWorkDirs } from '../jobs/work-dir.ts';
import type { Logger } from '../logger.ts';
import { createAuthorize } from './authorize.ts';
import { addRoomGauges, createMetrics } from './metrics.ts';
import { createReadiness } from './readiness.ts';
import { createHttpServer } from './server.ts';

/** After their abort, jobs have so long to answer their callers. */
const abortMs = 2500;

/** The whole service of one process, without its signals. */
export type MediaServer = {
  /**
   * Clears away what a killed process has left, and takes connections; jobs wait until their engine runs.
   *
   * @returns the port
   */
  listen: () => Promise<number>;
  /** Resolves when every engine has been tried once. */
  startEngines: () => Promise<void>;
  /**
   * Ends in good order: refuses what has not begun, lets the rest finish for `finishMs`, stops what
   * is left, and then the engines.
   */
  drain: (finishMs: number) => Promise<void>;
};

/**
 * Builds the service from its parts.
 *
 * @example
 * const server = createMediaServer({ env, engines, runners, logger });
 * await server.listen();
 * await server.startEngines();
 */
export function createMediaServer({
  env,
  engines,
  runners,
  logger,
  cores = availableParallelism(),
}: {
  env: Env;
  engines: Engines;
  runners: Runners;
  logger: Logger;
  cores?: number;
}): MediaServer {
  const metrics = createMetrics();
  const starter = createEngineStarter(engines, logger);
  const overdue = new Map<EngineName, number>();
  const slotsOf = (name: EngineName) =>
    starter.state(name) === 'started' ? engines[name].health().slots || env.MEDIA_SLOTS : 0;
  const room: JobRoom = {
    spoolDir: env.SPOOL_DIR,
    engines,
    runners,
    admission: createAdmission(engines, env.MEDIA_MAX_QUEUE, slotsOf),
    looks: createAdmission(engines, env.MEDIA_MAX_QUEUE, (name) => Math.ceil(slotsOf(name) / 2)),
    cpuTokens: createCpuTokens(cores),
    workDirs: createWorkDirs({ root: env.MEDIA_WORK_DIR, logger }),
    running: createRunningJobs(),
    expectEngine: starter.expect,
    countOverdue: (name, change) => overdue.set(name, (overdue.get(name) ?? 0) + change),
    observe: metrics.observe,
    logger,
  };
  addRoomGauges(metrics.registry, room, overdue);
  const readiness = createReadiness({ room, starter, overdue, workRoot: env.MEDIA_WORK_DIR });
  const http = createHttpServer({
    room,
    authorize: createAuthorize(env.MEDIA_TOKEN),
    starter,
    readiness,
    metrics,
  });

  async function listen(): Promise<number> {
    const orphans = killOrphans();
    const folders = await sweepWorkDirs(env.MEDIA_WORK_DIR);
    if (orphans.length + folders.length > 0)
      logger.warn({ orphans, folders }, 'removed what a killed process had left');
    http.listen(env.MEDIA_PORT, env.MEDIA_HOST);
    await once(http, 'listening');
    return (http.address() as AddressInfo).port;
  }

  async function drain(finishMs: number): Promise<void> {
    room.running.drain();
    const stopLate = setTimeout(room.running.abortAll, finishMs);
    await settledWithin(room.running.whenIdle(), finishMs + abortMs);
    clearTimeout(stopLate);
    await Promise.all([starter.stop(), closeHttp()]);
    await room.workDirs.close();
  }

  async function closeHttp(): Promise<void> {
    if (!http.listening) return;
    const closed = once(http, 'close');
    http.close();
    http.closeIdleConnections();
    const giveUp = setTimeout(() => http.closeAllConnections(), 1000);
    await closed;
    clearTimeout(giveUp);
  }

  return {
    listen,
    startEngines: () =>
      starter.start((name) => {
        room.admission[name].pump();
        room.looks[name].pump();
      }),
    drain,
  };
}

/** Resolves when `promise` does, or after `ms`. */
async function settledWithin(promise: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

function createAdmission(
  engines: Engines,
  maxWaiting: number,
  slotsOf: (name: EngineName) => number,
): Admission {
  const names = Object.keys(engines) as EngineName[];
  const queues = names.map((engine) => [
    engine,
    createEngineQueue({ engine, slots: () => slotsOf(engine), maxWaiting }),
  ]);
  return Object.fromEntries(queues) as Admission;
}
