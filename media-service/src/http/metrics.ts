import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { EngineName } from '../engines/engines.ts';
import type { JobReport, JobRoom } from '../jobs/run-job.ts';

export type Metrics = {
  observe: (report: JobReport) => void;
  countAnswer: (route: string, status: number) => void;
  /** Everything in the text format of Prometheus. */
  scrape: () => Promise<string>;
  contentType: string;
};

const secondsBuckets = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60, 120, 300, 600];

/** What this process measures; each server has a registry of its own. */
export function createMetrics(): Metrics & { registry: Registry } {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const jobs = new Counter({
    name: 'media_jobs_total',
    help: 'Jobs that were answered; outcome is done or the code of the error.',
    labelNames: ['tool', 'outcome'],
    registers,
  });
  const run = new Histogram({
    name: 'media_job_run_seconds',
    help: 'Time in the engine.',
    labelNames: ['tool'],
    buckets: secondsBuckets,
    registers,
  });
  const queue = new Histogram({
    name: 'media_job_queue_seconds',
    help: 'Time between the last input byte and the start of the run.',
    labelNames: ['tool'],
    buckets: secondsBuckets,
    registers,
  });
  const answers = new Counter({
    name: 'media_http_answers_total',
    help: 'HTTP answers by route and status; a run that failed after its start counts as 200.',
    labelNames: ['route', 'status'],
    registers,
  });
  return {
    registry,
    observe: ({ tool, outcome, queueMs, runMs }) => {
      jobs.inc({ tool, outcome });
      if (queueMs !== undefined) queue.observe({ tool }, queueMs / 1000);
      if (runMs !== undefined) run.observe({ tool }, runMs / 1000);
    },
    countAnswer: (route, status) => answers.inc({ route, status: String(status) }),
    scrape: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** Adds the gauges that are read from the job room at each scrape. */
export function addRoomGauges(
  registry: Registry,
  { engines, admission, cpuTokens, looks, workDirs }: JobRoom,
  overdue: ReadonlyMap<EngineName, number>,
): void {
  const names = Object.keys(engines) as EngineName[];
  const registers = [registry];
  const perEngine = (name: string, help: string, read: (engine: EngineName) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['engine'],
      registers,
      collect() {
        for (const engine of names) this.set({ engine }, read(engine));
      },
    });
  const single = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  perEngine(
    'media_queue_waiting',
    'Jobs that wait for a slot.',
    (name) => admission[name].sizes().waiting,
  );
  perEngine('media_slots_busy', 'Slots that are taken.', (name) => admission[name].sizes().running);
  perEngine(
    'media_looks_waiting',
    'Estimates and looks into files that wait for their turn.',
    (name) => looks[name].sizes().waiting,
  );
  perEngine('media_slots', 'Slots of the engine.', (name) => engines[name].health().slots);
  perEngine('media_engine_ready', '1 when a job would run at once.', (name) =>
    Number(engines[name].health().ready),
  );
  perEngine(
    'media_engine_restarts',
    'Processes replaced since the start.',
    (name) => engines[name].health().restarts,
  );
  perEngine(
    'media_runs_overdue',
    'Runs that ignore their abort.',
    (name) => overdue.get(name) ?? 0,
  );
  single('media_cpu_tokens_free', 'CPU tokens that nobody holds.', () => cpuTokens.sizes().free);
  single(
    'media_cpu_tokens_waiting',
    'Jobs that wait for CPU tokens.',
    () => cpuTokens.sizes().waiting,
  );
  single('media_work_dirs', 'Work folders of running jobs.', () => workDirs.count());
}
