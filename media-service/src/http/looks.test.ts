import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createEngines } from '../testing/create-engines.ts';
import { runners } from '../tools/runners.ts';
import { writePdf } from './testing/fake-parts.ts';
import { frame, run, runHead } from './testing/media-client.ts';
import { createGate, startServer, type TestServer } from './testing/start-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'nebula-looks-'));
let server: TestServer;
afterEach(() => server.close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Ghostscript that notes, at each of its starts, how many of it run. */
function countedGhostscript(): { path: string; counts: () => number[] } {
  const path = join(mkdtempSync(join(folder, 'counted-')), 'gs');
  const script = `#!/bin/sh
    mkdir -p "$0.live"
    : > "$0.live/$$"
    count=0
    for each in "$0.live"/*; do [ -d "/proc/\${each##*/}" ] && count=$((count + 1)); done
    echo $count >> "$0.counts"
    exec gs "$@"`;
  writeFileSync(path, script);
  chmodSync(path, 0o700);
  const counts = () => readFileSync(`${path}.counts`, 'utf8').trim().split('\n').map(Number);
  return { path, counts };
}

describe('estimates and looks into files', () => {
  test('never start more of an engine than their slots, and each of many is answered', async () => {
    const { counts, path } = countedGhostscript();
    const { ghostscript } = createEngines({ GHOSTSCRIPT_PATH: path });
    const most = 10;
    const env = { MEDIA_MAX_QUEUE: most };
    server = await startServer({ work: writePdf, engines: { ghostscript }, runners, env });
    const pdf = readFileSync(join(import.meta.dirname, '../../../samples/pdf-to-images/atlas.pdf'));
    const files = [{ filename: 'atlas.pdf', type: 'pdf', size: pdf.length }];
    const body = frame(runHead({ options: {}, files, is_estimate: true }), pdf);
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        index % 3 === 0
          ? run(server.port, body, { path: '/inspect' })
          : run(server.port, body, { tool: 'pdf-to-images' }),
      ),
    );
    const done = answers.filter(({ status }) => status === 200);
    expect(done.length).toBeGreaterThan(most);
    for (const { result, text } of done) expect(result?.estimate ?? JSON.parse(text)).toBeDefined();
    for (const { headers, status } of answers.filter((answer) => !done.includes(answer)))
      expect([status, Number(headers['retry-after']) > 0]).toEqual([429, true]);
    expect(Math.max(...counts())).toBe(1);
    expect(server.workDirs()).toEqual([]);
  });

  test('wait for no seat of a job, and a job waits for none of theirs', async () => {
    const gate = createGate();
    const started = createGate();
    server = await startServer({
      work: async (job) => {
        started.resolve();
        await gate.promise;
        return writePdf(job);
      },
      env: { MEDIA_MAX_QUEUE: 0 },
    });
    const running = run(server.port, frame(runHead()));
    await started.promise;
    const look = await run(server.port, frame(runHead({ is_estimate: true })));
    expect(look.result?.estimate).toMatchObject({ outputs: 1 });
    gate.resolve();
    expect((await running).result?.files).toHaveLength(1);
  });
});
