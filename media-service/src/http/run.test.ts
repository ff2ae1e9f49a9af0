import { createHash, randomBytes } from 'node:crypto';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@nebula/contract/errors';
import { afterEach, describe, expect, test } from 'vitest';
import { untilAborted, writePdf } from './testing/fake-parts.ts';
import { frame, openRun, readAnswer, run, runHead } from './testing/media-client.ts';
import { createGate, startServer, type TestServer } from './testing/start-server.ts';

let server: TestServer;
afterEach(() => server.close());

/** A known-good job; proves that slot, tokens and folders are free again. */
async function expectFree() {
  const answer = await run(server.port, frame(runHead({ options: { html: 'known good' } })));
  expect(answer.result?.files).toHaveLength(1);
  expect(server.workDirs()).toEqual([]);
}

/** Work that the html of the request chooses; `known good` always succeeds. */
function chosen(work: Parameters<typeof startServer>[0]['work']) {
  return (job: Parameters<typeof work>[0]) =>
    job.options.html === 'known good' ? writePdf(job) : work(job);
}

describe('a run that succeeds', () => {
  test('streams its outputs byte for byte, with size, hash, type and name', async () => {
    const content = randomBytes(5 * 1024 * 1024);
    server = await startServer({
      work: chosen(async (job) => {
        const first = await writePdf(job, content);
        const second = await writePdf(job, 'two');
        return { ...first, files: [...first.files, ...second.files] };
      }),
    });
    const answer = await run(server.port, frame(runHead()));
    const [first, second] = answer.result?.files ?? [];
    expect(first).toMatchObject({
      filename: 'html-to-pdf-1.pdf',
      mime: 'application/pdf',
      pages: 1,
    });
    expect(first).not.toHaveProperty('path');
    const bytes = answer.outputs.subarray(0, first?.size);
    expect(bytes.equals(Buffer.concat([Buffer.from('%PDF-1.7\n'), content]))).toBe(true);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(first?.sha256);
    expect(answer.outputs.subarray(first?.size).toString()).toBe('%PDF-1.7\ntwo');
    expect(second?.size).toBe(12);
    await expectFree();
  });

  test('gets streamed files whole, in order, under generated names', async () => {
    const seen: string[] = [];
    server = await startServer({
      work: chosen(async (job) => {
        seen.push(...job.files.map(({ path }) => path));
        return writePdf(job, readFileSync(job.files[0]?.path ?? ''));
      }),
    });
    const html = Buffer.concat([Buffer.from('<html>'), Buffer.alloc(3_000_000, 'x')]);
    const head = runHead({
      options: {},
      files: [{ filename: '../../etc/Report.html', type: 'html', size: html.length }],
    });
    const answer = await run(server.port, frame(head, html));
    expect(answer.result?.files[0]?.filename).toBe('Report.pdf');
    expect(answer.outputs.subarray(9).equals(html)).toBe(true);
    expect(seen[0]).toMatch(/\/work\/[^/]+\/[0-9A-Z]{26}\/input-0\.html$/);
    await expectFree();
  });

  test('takes inputs from the spool and leaves outputs there', async () => {
    server = await startServer({
      work: chosen((job) => writePdf(job, readFileSync(job.files[0]?.path ?? ''))),
    });
    const input = join(server.spool, 'in.bin');
    const outputDir = join(server.spool, 'out');
    writeFileSync(input, '<html>spool');
    mkdirSync(outputDir);
    const files = [{ filename: 'a.html', type: 'html', size: 11, path: input }];
    const answer = await run(
      server.port,
      frame(runHead({ options: {}, files, output_dir: outputDir })),
    );
    const [output] = answer.result?.files ?? [];
    expect(readdirSync(outputDir)).toHaveLength(1);
    expect(output?.path?.startsWith(outputDir)).toBe(true);
    expect(readFileSync(output?.path ?? '', 'utf8')).toBe('%PDF-1.7\n<html>spool');
    expect(answer.outputs).toHaveLength(0);
    expect(readFileSync(input, 'utf8')).toBe('<html>spool');
    await expectFree();
  });

  test('sends progress in order before the result, and the last of a burst is never lost', async () => {
    server = await startServer({
      work: async (job) => {
        for (let percent = 0; percent <= 100; percent++) job.progress({ percent, stage: 'page' });
        return writePdf(job);
      },
    });
    const { events } = await run(server.port, frame(runHead()));
    const percents = events.flatMap((event) =>
      event.type === 'progress' ? event.progress.percent : [],
    );
    expect(percents.at(-1)).toBe(100);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(percents.length).toBeLessThan(10);
    expect(events.at(-1)?.type).toBe('result');
  });

  test('reports warnings, unless strict makes them an error', async () => {
    server = await startServer({
      work: chosen((job) => {
        job.warn('first_frame_only', 'Two frames were dropped.', { frames: 3 });
        return writePdf(job);
      }),
    });
    const warning = { code: 'first_frame_only', message: 'Two frames were dropped.', frames: 3 };
    const loose = await run(server.port, frame(runHead()));
    expect(loose.result?.warnings).toEqual([warning]);
    const strict = await run(server.port, frame(runHead({ options: { html: 'x', strict: true } })));
    expect(strict.events.at(-1)).toMatchObject({
      type: 'error',
      error: { code: 'warnings_not_allowed', details: { extra: { warnings: [warning] } } },
    });
    await expectFree();
  });
});

describe('a run that fails', () => {
  test.each([
    ['an AppError crosses as it is', new AppError('corrupt_input', 'Damaged.'), 'corrupt_input'],
    ['any other error is internal and tells nothing', new Error('secret /etc'), 'internal'],
  ])('%s', async (_, error, code) => {
    server = await startServer({ work: chosen(() => Promise.reject(error)) });
    const answer = await run(server.port, frame(runHead()));
    expect(answer.events.at(-1)).toMatchObject({ type: 'error', error: { code } });
    expect(answer.text).not.toContain('secret');
    await expectFree();
  });

  test.each([
    ['missing', (dir: string) => join(dir, 'none.pdf')],
    ['outside the job folder', () => join(server.root, 'other.pdf')],
    [
      'empty',
      (dir: string) => {
        writeFileSync(join(dir, 'empty.pdf'), '');
        return join(dir, 'empty.pdf');
      },
    ],
    [
      'of another type',
      (dir: string) => {
        writeFileSync(join(dir, 'x.pdf'), '<html>');
        return join(dir, 'x.pdf');
      },
    ],
  ])('an output that is %s is an engine fault', async (_, place) => {
    server = await startServer({
      work: chosen(async (job) => {
        writeFileSync(join(server.root, 'other.pdf'), '%PDF-secret');
        const output = await writePdf(job);
        return { ...output, files: [{ type: 'pdf', path: place(job.dir) }] };
      }),
    });
    const answer = await run(server.port, frame(runHead()));
    expect(answer.events.at(-1)).toMatchObject({ error: { code: 'engine_crashed' } });
    await expectFree();
  });

  test('a run past its deadline is stopped and answered with tool_timeout', async () => {
    server = await startServer({ work: chosen((job) => untilAborted(job.signal)) });
    const answer = await run(server.port, frame(runHead({ timeout_ms: 100 })));
    expect(answer.events.at(-1)).toMatchObject({ error: { code: 'tool_timeout' } });
    await expectFree();
  });

  test('a runner that ignores its abort does not hold the caller, but keeps its slot', async () => {
    const gate = createGate();
    const ended = createGate();
    server = await startServer({
      work: chosen(async (job) => {
        await gate.promise;
        setImmediate(ended.resolve);
        return writePdf(job);
      }),
    });
    const answer = await run(server.port, frame(runHead({ timeout_ms: 50 })));
    expect(answer.events.at(-1)).toMatchObject({ error: { code: 'tool_timeout' } });
    expect(server.workDirs()).toEqual([]);
    const waiting = await run(server.port, frame(runHead({ timeout_ms: 50 })));
    expect(waiting.status).toBe(504);
    gate.resolve();
    await ended.promise;
    await expectFree();
  });

  test('a caller that hangs up stops the work and frees the slot', async () => {
    const started = createGate();
    const stopped = createGate<unknown>();
    server = await startServer({
      work: chosen((job) => {
        started.resolve();
        job.signal.addEventListener('abort', () => stopped.resolve(job.signal.reason));
        return untilAborted(job.signal);
      }),
    });
    const request = openRun(server.port).on('error', () => {});
    request.end(frame(runHead()));
    await started.promise;
    request.destroy();
    expect(await stopped.promise).toMatchObject({ code: 'client_closed' });
    await expectFree();
  });

  test('a caller that hangs up in the queue leaves it', async () => {
    const gate = createGate();
    const started = createGate();
    server = await startServer({
      work: chosen(async (job) => {
        started.resolve();
        await gate.promise;
        return writePdf(job);
      }),
      env: { MEDIA_MAX_QUEUE: 1 },
    });
    const first = run(server.port, frame(runHead()));
    await started.promise;
    const second = openRun(server.port).on('error', () => {});
    second.end(frame(runHead()));
    await expect.poll(() => server.workDirs().length).toBe(2);
    second.destroy();
    await expect.poll(() => server.workDirs().length).toBe(1);
    gate.resolve();
    expect((await first).result).toBeDefined();
    await expectFree();
  });
});

describe('a refusal', () => {
  test('of a full queue is 429 with Retry-After, and the waiting jobs go on', async () => {
    const gate = createGate();
    server = await startServer({
      work: async (job) => {
        await gate.promise;
        return writePdf(job);
      },
      env: { MEDIA_MAX_QUEUE: 1 },
    });
    const first = run(server.port, frame(runHead()));
    await expect.poll(() => server.workDirs().length).toBe(1);
    const second = run(server.port, frame(runHead()));
    await expect.poll(() => server.workDirs().length).toBe(2);
    const third = await run(server.port, frame(runHead()));
    expect(third.status).toBe(429);
    expect(Number(third.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(JSON.parse(third.text)).toMatchObject({ code: 'queue_full' });
    gate.resolve();
    expect((await first).result && (await second).result).toBeDefined();
    await expectFree();
  });

  test('of a path outside the spool, a symlink, a folder or a wrong size is 400', async () => {
    server = await startServer({ work: (job) => writePdf(job) });
    const { spool, root } = server;
    writeFileSync(join(root, 'secret.html'), '<html>');
    writeFileSync(join(spool, 'plain.html'), '<html>');
    symlinkSync(join(root, 'secret.html'), join(spool, 'link.html'));
    symlinkSync(root, join(spool, 'up'));
    mkdirSync(join(spool, 'folder'));
    const paths = ['../secret.html', 'link.html', 'up/secret.html', 'folder', 'none', '.', '..'];
    for (const path of [...paths.map((name) => `${spool}/${name}`), '/etc/passwd', 'x.html']) {
      const files = [{ filename: 'a.html', type: 'html', size: 6, path }];
      const answer = await run(server.port, frame(runHead({ options: {}, files })));
      expect([path, answer.status]).toEqual([path, 400]);
      expect(JSON.parse(answer.text)).toMatchObject({ details: { param: 'files.0.path' } });
    }
    const files = [{ filename: 'a', type: 'html', size: 7, path: join(spool, 'plain.html') }];
    expect((await run(server.port, frame(runHead({ options: {}, files })))).status).toBe(400);
    for (const output_dir of [root, `${spool}/up`, `${spool}/../spool2`, `${spool}/plain.html`])
      expect((await run(server.port, frame(runHead({ output_dir })))).status).toBe(400);
    await expectFree();
  });

  test('of a path without a shared spool is 400', async () => {
    server = await startServer({ work: (job) => writePdf(job), env: { SPOOL_DIR: undefined } });
    const files = [{ filename: 'a', type: 'html', size: 7, path: '/etc/hostname' }];
    expect((await run(server.port, frame(runHead({ options: {}, files })))).status).toBe(400);
  });

  test('of an input is made by its first bytes, whatever its name and type say', async () => {
    server = await startServer({ work: (job) => writePdf(job) });
    const png = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
    const file = { filename: 'a.html', type: 'html', size: png.length };
    const wrong = await run(server.port, frame(runHead({ options: {}, files: [file] }), png));
    expect(wrong.status).toBe(415);
    const undeclared = { ...file, type: 'gif' };
    const answer = await run(
      server.port,
      frame(runHead({ options: {}, files: [undeclared] }), png),
    );
    expect(answer.status).toBe(415);
    await expectFree();
  });

  test('of options names the field', async () => {
    server = await startServer({ work: (job) => writePdf(job) });
    const answer = await run(
      server.port,
      frame(runHead({ options: { html: 'x', timeout_seconds: 9999 } })),
    );
    expect(answer.status).toBe(422);
    expect(JSON.parse(answer.text)).toMatchObject({
      code: 'invalid_input',
      details: { param: 'timeout_seconds' },
    });
    const none = await run(server.port, frame(runHead({ options: {} })));
    expect(none.status).toBe(422);
    const file = { filename: 'a.html', type: 'html', size: 6 };
    const many = runHead({ options: {}, files: Array.from({ length: 9 }, () => file) });
    expect((await run(server.port, frame(many))).status).toBe(422);
    await expectFree();
  });
});

test('two hundred jobs of mixed fate leave no folder and no taken slot', async () => {
  server = await startServer({
    slots: 2,
    cores: 2,
    cpuTokens: 2,
    env: { MEDIA_MAX_QUEUE: 300 },
    work: chosen(async (job) => {
      const fate = Number(job.options.html) % 4;
      if (fate === 0) throw new Error('failed');
      if (fate === 1) return untilAborted(job.signal);
      return writePdf(job, randomBytes(1000));
    }),
  });
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const head = runHead({
        options: { html: String(index) },
        account_id: `acc_${index % 7}`,
        timeout_ms: 3000,
      });
      const request = openRun(server.port);
      request.on('error', () => {});
      request.end(frame(head));
      if (index % 10 === 9) {
        request.destroy();
        return 'hung up';
      }
      const answer = await readAnswer(request);
      return answer.result ? 'done' : 'failed';
    }),
  );
  expect(outcomes).toHaveLength(200);
  await expectFree();
});

test('a hard link of a spool file counts as a plain file', async () => {
  server = await startServer({ work: (job) => writePdf(job) });
  writeFileSync(join(server.spool, 'a'), '<html>');
  linkSync(join(server.spool, 'a'), join(server.spool, 'b'));
  const files = [{ filename: 'b', type: 'html', size: 6, path: join(server.spool, 'b') }];
  expect((await run(server.port, frame(runHead({ options: {}, files })))).result).toBeDefined();
});
