import { afterEach, describe, expect, test } from 'vitest';
import { writePdf } from './testing/fake-parts.ts';
import { frame, get, run, runHead } from './testing/media-client.ts';
import { createGate, startServer, type TestServer } from './testing/start-server.ts';

let server: TestServer;
afterEach(() => server.close());

describe('readiness', () => {
  test('is 503 until the engines run, and jobs that come early wait for them', async () => {
    const gate = createGate();
    server = await startServer({ work: (job) => writePdf(job), startEngine: () => gate.promise });
    const early = await get(server.port, '/ready');
    expect(early.status).toBe(503);
    expect(JSON.parse(early.text).failed).toContainEqual({ part: 'chromium', reason: 'starting' });
    expect((await get(server.port, '/live')).status).toBe(200);
    const waiting = run(server.port, frame(runHead()));
    await expect.poll(() => server.workDirs().length).toBe(1);
    gate.resolve();
    expect((await waiting).result).toBeDefined();
    await expect
      .poll(async () => (await get(server.port, '/ready')).status, { timeout: 5000 })
      .toBe(200);
  });

  test('names the engine that failed, refuses its jobs with 503, and comes back by itself', async () => {
    let isBroken = true;
    server = await startServer({
      work: (job) => writePdf(job),
      startEngine: async () => {
        if (isBroken) throw new Error('no such program');
      },
    });
    await expect.poll(async () => (await run(server.port, frame(runHead()))).status).toBe(503);
    const ready = await get(server.port, '/ready');
    expect(JSON.parse(ready.text).failed).toContainEqual({ part: 'vision', reason: 'failed' });
    expect(ready.text).not.toContain('no such program');
    isBroken = false;
    await expect
      .poll(async () => (await run(server.port, frame(runHead()))).status, { timeout: 10_000 })
      .toBe(200);
  });

  test('follows an engine that stops being ready', async () => {
    server = await startServer({ work: (job) => writePdf(job) });
    expect((await get(server.port, '/ready')).status).toBe(200);
    server.fakes.sharp.isReady = false;
    await expect
      .poll(async () => (await get(server.port, '/ready')).text, { timeout: 3000 })
      .toContain('sharp');
  });
});

describe('draining', () => {
  test('turns readiness at once, refuses new and waiting jobs, and lets running ones finish', async () => {
    const gate = createGate();
    const started = createGate();
    server = await startServer({
      work: async (job) => {
        started.resolve();
        await gate.promise;
        return writePdf(job);
      },
    });
    expect((await get(server.port, '/ready')).status).toBe(200);
    const running = run(server.port, frame(runHead()));
    await started.promise;
    const waiting = run(server.port, frame(runHead()));
    await expect.poll(() => server.workDirs().length).toBe(2);
    const drained = server.server.drain(60_000);
    const ready = await get(server.port, '/ready');
    expect([ready.status, JSON.parse(ready.text).failed[0].reason]).toEqual([503, 'draining']);
    expect((await get(server.port, '/live')).status).toBe(200);
    const refused = await waiting;
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '2']);
    const late = await run(server.port, frame(runHead()));
    expect([late.status, JSON.parse(late.text).code]).toEqual([503, 'unavailable']);
    gate.resolve();
    expect((await running).result).toBeDefined();
    await drained;
    expect(server.fakes.chromium.isStopped).toBe(true);
  });

  test('stops what does not finish in time, with an error that may be retried', async () => {
    const started = createGate();
    server = await startServer({
      work: (job) =>
        new Promise((_, reject) => {
          started.resolve();
          job.signal.addEventListener('abort', () => reject(job.signal.reason));
        }),
    });
    const running = run(server.port, frame(runHead()));
    await started.promise;
    await server.server.drain(10);
    expect((await running).events.at(-1)).toMatchObject({
      type: 'error',
      error: { code: 'unavailable', details: { retryAfterSeconds: 2 } },
    });
  });
});

describe('metrics and health', () => {
  test('count jobs by tool and outcome in a text that Prometheus can read', async () => {
    server = await startServer({ work: (job) => writePdf(job) });
    await run(server.port, frame(runHead()));
    await run(server.port, frame(runHead({ options: {} })));
    const answer = await get(server.port, '/metrics');
    expect(answer.headers['content-type']).toContain('version=0.0.4');
    const samples = parseMetrics(answer.text);
    expect(samples.get('media_jobs_total{tool="html-to-pdf",outcome="done"}')).toBe(1);
    expect(samples.get('media_jobs_total{tool="html-to-pdf",outcome="invalid_input"}')).toBe(1);
    expect(samples.get('media_job_run_seconds_count{tool="html-to-pdf"}')).toBe(1);
    expect(samples.get('media_job_queue_seconds_count{tool="html-to-pdf"}')).toBe(1);
    expect(samples.get('media_slots_busy{engine="chromium"}')).toBe(0);
    expect(samples.get('media_engine_ready{engine="vision"}')).toBe(1);
    expect(samples.get('media_work_dirs')).toBe(0);
    expect(samples.get('media_cpu_tokens_free')).toBe(4);
    expect(samples.get('media_http_answers_total{route="run",status="422"}')).toBe(1);
    expect(samples.has('nodejs_eventloop_lag_seconds')).toBe(true);
    expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(0);
  });

  test('show each engine with its queue while a job runs', async () => {
    const gate = createGate();
    const started = createGate();
    server = await startServer({
      work: async (job) => {
        started.resolve();
        await gate.promise;
        return writePdf(job);
      },
    });
    const running = run(server.port, frame(runHead()));
    await started.promise;
    const report = JSON.parse((await get(server.port, '/health/engines')).text);
    expect(report.engines.chromium).toMatchObject({
      state: 'started',
      slots: 1,
      running: 1,
      waiting: 0,
    });
    expect(report.cpu_tokens).toEqual({ total: 4, free: 3, waiting: 0 });
    gate.resolve();
    await running;
  });
});

/** Reads the text format; throws at a line that is neither a comment nor a sample. */
function parseMetrics(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || /^# (HELP|TYPE) [a-z_]/.test(line)) continue;
    const sample = /^([a-zA-Z_:][\w:]*(?:\{[^}]*\})?) (\S+)$/.exec(line);
    if (!sample?.[1]) throw new Error(`not a sample: ${line}`);
    samples.set(sample[1], Number(sample[2]));
  }
  return samples;
}
