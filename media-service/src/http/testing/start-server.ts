import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engines } from '../../engines/engines.ts';
import { type Env, readEnv } from '../../env.ts';
import type { Job, RunOutput } from '../../jobs/job.ts';
import type { Runners } from '../../jobs/run-job.ts';
import { createLogger } from '../../logger.ts';
import { createMediaServer } from '../media-server.ts';
import { createFakeEngines, createFakeRunners } from './fake-parts.ts';
import { token } from './media-client.ts';

type Setup = {
  work: (job: Job<Record<string, unknown>>) => Promise<RunOutput>;
  slots?: number;
  cores?: number;
  cpuTokens?: number;
  env?: Partial<Env>;
  startEngine?: () => Promise<void>;
  /** Real parts in the place of fake ones. */
  engines?: Partial<Engines>;
  runners?: Runners;
};

/** A real server on a free port with fake engines and a runner that does `work`. */
export async function startServer(setup: Setup) {
  const root = mkdtempSync(join(tmpdir(), 'media-test-'));
  const spool = join(root, 'spool');
  const workRoot = join(root, 'work');
  mkdirSync(spool);
  const env = {
    ...readEnv({ NODE_ENV: 'test', MEDIA_TOKEN: token, MEDIA_PORT: '0', LOG_LEVEL: 'silent' }),
    MEDIA_WORK_DIR: workRoot,
    SPOOL_DIR: spool,
    ...setup.env,
  };
  const { fakes, engines } = createFakeEngines(setup.slots, setup.startEngine);
  const server = createMediaServer({
    env,
    engines: { ...engines, ...setup.engines },
    runners: setup.runners ?? createFakeRunners(setup.work, setup.cpuTokens),
    logger: createLogger('silent'),
    cores: setup.cores ?? 4,
  });
  const port = await server.listen();
  const started = server.startEngines();
  if (!setup.startEngine) await started;
  return {
    port,
    root,
    spool,
    workRoot,
    fakes,
    server,
    /** Work folders of jobs that exist now. */
    workDirs: () => readdirSync(workRoot).flatMap((owner) => readdirSync(join(workRoot, owner))),
    async close() {
      await server.drain(0);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export type TestServer = Awaited<ReturnType<typeof startServer>>;

/** A promise and the function that resolves it. */
export function createGate<T = void>() {
  return Promise.withResolvers<T>();
}
