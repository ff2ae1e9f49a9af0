import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEnv } from '../env.ts';
import { toAppError } from '../jobs/run-job.ts';
import { compress, createClips, lavfi, x264 } from '../tools/video-compress/testing/clips.ts';
import { createFfmpeg } from './ffmpeg.ts';

const clips = createClips('fake-ffmpeg');
const folder = mkdtempSync(join(tmpdir(), 'nebula-fake-'));
const env = (path = 'ffmpeg') =>
  readEnv({ NODE_ENV: 'test', MEDIA_TOKEN: 'a token for the tests', FFMPEG_PATH: path });
const clip = clips.make('mp4', ...lavfi('testsrc2=s=160x120:r=25:d=2'), ...x264(10));
let made = 0;

beforeAll(() => createFfmpeg(env()).start());
afterAll(() => {
  clips.remove();
  rmSync(folder, { recursive: true });
});

/** An engine whose ffmpeg is a shell script; ffprobe is the real one. */
function fake(script: string, stallMs = 10_000) {
  const path = join(folder, `ffmpeg-${made++}`);
  writeFileSync(path, `#!/bin/bash\nfor last; do :; done\nfile="\${last#file:}"\n${script}\n`);
  chmodSync(path, 0o755);
  return createFfmpeg(env(path), { stallMs });
}

const run = (engine: ReturnType<typeof fake>, timeoutMs?: number) =>
  compress(engine, { crf: 28 }, clip, { timeoutMs });

describe('an ffmpeg that says that all went well', () => {
  test('and has left nothing is a crash', async () => {
    await expect(run(fake('exit 0'))).rejects.toMatchObject({ code: 'engine_crashed' });
  });

  test('and has left an empty file is a crash', async () => {
    await expect(run(fake(': > "$file"'))).rejects.toMatchObject({ code: 'engine_crashed' });
  });

  test('and has left half of the file is a crash', async () => {
    const half = fake('ffmpeg "$@" && truncate -s 5000 "$file"');
    await expect(run(half)).rejects.toMatchObject({ code: 'engine_crashed' });
  });

  test('and has left half of the time is a crash', async () => {
    // Only where it writes a file, so that the source is still measured in full.
    const short = fake(
      'if [[ $last == file:* ]]; then set -- "$@" -t 0.5 "$last.mp4"; fi; ffmpeg "$@" && mv "$file.mp4" "$file"',
    );
    await expect(run(short)).rejects.toMatchObject({ code: 'engine_crashed' });
  });
});

describe('an ffmpeg that does not end', () => {
  const ignoring = 'trap "" TERM INT HUP';

  test('is killed at the deadline, although it ignores SIGTERM, with its children', async () => {
    const alive = join(folder, 'alive');
    const script = `${ignoring}\n(trap "" TERM; sleep 3; touch ${alive}) &\nwhile :; do sleep 0.1; done`;
    await expect(run(fake(script), 1500)).rejects.toMatchObject({ code: 'tool_timeout' });
    await expect.poll(() => existsSync(alive), { timeout: 500 }).toBe(false);
  });

  test('is killed when it stands still, also when it goes on saying so', async () => {
    const silent = fake(`${ignoring}\nsleep 60`, 500);
    await expect(run(silent)).rejects.toMatchObject({ code: 'tool_timeout' });
    const block = 'frame=1\\nout_time_us=40000\\nprogress=continue\\n';
    const repeating = fake(`while :; do printf '${block}'; sleep 0.05; done`, 500);
    await expect(run(repeating)).rejects.toMatchObject({ code: 'tool_timeout' });
  });

  test('is killed when it prints without end', async () => {
    await expect(run(fake('yes', 1000))).rejects.toMatchObject({ code: 'tool_timeout' });
  });
});

describe('an ffmpeg that fails', () => {
  test('with a flood of complaints leaves at most 2,000 characters of them', async () => {
    const flood = fake('head -c 200000000 /dev/zero | tr "\\0" x >&2; exit 1');
    const error = await run(flood).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'engine_crashed' });
    expect(String(error.details.cause).length).toBeLessThan(2100);
    expect(process.memoryUsage().rss).toBeLessThan(1024 ** 3);
  });

  test('by a signal is a crash', async () => {
    await expect(run(fake('kill -SEGV $$'))).rejects.toMatchObject({ code: 'engine_crashed' });
  });

  test('for want of disk is a shortage of ours', async () => {
    const full = fake('echo "av_interleaved_write_frame(): No space left on device" >&2; exit 1');
    const error = await run(full).catch(toAppError);
    expect(error).toMatchObject({ code: 'unavailable', retryable: true });
  });

  test('to start is an engine that is not ready', async () => {
    const none = createFfmpeg(env('/no/such/ffmpeg'));
    await expect(none.start()).rejects.toThrow();
    expect(none.health().ready).toBe(false);
  });
});
