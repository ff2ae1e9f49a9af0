import { once } from 'node:events';
import { readEnv } from '../../env.ts';
import type { Job, RunOutput } from '../../jobs/job.ts';
import { spawnGroup } from '../../jobs/process-group.ts';
import { createLogger } from '../../logger.ts';
import { runService } from '../lifecycle.ts';
import { createMediaServer } from '../media-server.ts';
import { createFakeEngines, createFakeRunners, untilAborted, writePdf } from './fake-parts.ts';

/** A real process of the service whose work is chosen by the html of each request. */
await runService(() => {
  const env = readEnv();
  const logger = createLogger(env.LOG_LEVEL);
  const { engines } = createFakeEngines(4);
  const runners = createFakeRunners(work, 0);
  const finishMs = Number(process.argv[2] ?? 20_000);
  return { server: createMediaServer({ env, engines, runners, logger }), logger, finishMs };
});

async function work(job: Job<Record<string, unknown>>): Promise<RunOutput> {
  switch (job.options.html) {
    case 'child': {
      const child = spawnGroup('sh', ['-c', 'sleep 600 & echo started; wait'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      if (child.stdout) await once(child.stdout, 'data');
      job.progress({ percent: 0, stage: String(child.pid) });
      return untilAborted(job.signal);
    }
    case 'throw':
      spawnGroup('sleep', ['600'], { stdio: 'ignore' }).once('spawn', () => {
        throw new Error('nobody catches this');
      });
      return untilAborted(job.signal);
    case 'until abort':
      job.progress({ percent: 0, stage: 'waiting' });
      return untilAborted(job.signal);
    case 'deaf':
      job.progress({ percent: 0, stage: 'waiting' });
      return new Promise(() => {});
    case 'one second':
      job.progress({ percent: 0, stage: 'waiting' });
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return writePdf(job);
    default:
      return writePdf(job);
  }
}
