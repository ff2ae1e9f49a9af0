import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { frame, get, openRun, readAnswer, run, runHead, token } from './testing/media-client.ts';

const script = join(import.meta.dirname, 'testing/service-process.ts');
const children: ChildProcess[] = [];
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'media-process-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

function launch(env: Record<string, string> = {}, finishMs = 20_000) {
  const child = spawn(process.execPath, [script, String(finishMs)], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      MEDIA_TOKEN: token,
      MEDIA_PORT: '0',
      MEDIA_WORK_DIR: root,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return child;
}

async function launchReady(finishMs?: number) {
  const child = launch({}, finishMs);
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<number>((resolve) => {
    lines.on('line', (line) => {
      const entry = JSON.parse(line) as { msg: string; port?: number };
      if (entry.msg === 'listening' && entry.port) resolve(entry.port);
    });
  });
  return { child, port };
}

/** Starts a run and resolves when its first progress line has come: the work has begun. */
async function begin(port: number, html: string, timeout_ms = 60_000) {
  const request = openRun(port).on('error', () => {});
  request.end(frame(runHead({ options: { html }, timeout_ms })));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => {});
  const lines: string[] = [];
  const reader = createInterface({ input: response }).on('line', (line) => lines.push(line));
  reader.on('error', () => {});
  const closed = new Promise((resolve) => reader.once('close', resolve));
  await once(reader, 'line');
  return { lines, closed, stage: JSON.parse(lines[0] ?? '').progress.stage };
}

function jobDirs(): string[] {
  return readdirSync(root).flatMap((owner) => readdirSync(join(root, owner)));
}

/** Whether a process of this group still runs; a zombie does not. */
function isGroupAlive(group: string): boolean {
  return readdirSync('/proc').some((pid) => {
    if (!/^\d+$/.test(pid) || !existsSync(`/proc/${pid}/stat`)) return false;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return pgrp === group && state !== 'Z';
    } catch {
      return false;
    }
  });
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

describe('a process that is killed with -9', () => {
  test('takes its children with it, and the next one clears its folders and orphans away', async () => {
    const neighbour = await launchReady();
    const held = await begin(neighbour.port, 'until abort');
    const victim = await launchReady();
    const { stage: group } = await begin(victim.port, 'child');
    expect(jobDirs()).toHaveLength(2);
    victim.child.kill('SIGKILL');
    await exitOf(victim.child);
    await expect.poll(() => isRunning(Number(group))).toBe(false);
    expect(jobDirs()).toHaveLength(2);
    expect(isGroupAlive(group)).toBe(true);

    const next = await launchReady();
    expect(jobDirs()).toHaveLength(1);
    await expect.poll(() => isGroupAlive(group)).toBe(false);
    expect((await run(next.port, frame(runHead()))).result).toBeDefined();
    expect(held.lines).toHaveLength(1);
  });
});

describe('SIGTERM', () => {
  test('lets running jobs finish, turns readiness at once, and ends with 0', async () => {
    const { child, port } = await launchReady();
    await expect.poll(async () => (await get(port, '/ready')).status, { timeout: 5000 }).toBe(200);
    const jobs = await Promise.all([begin(port, 'one second'), begin(port, 'one second')]);
    child.kill('SIGTERM');
    await expect.poll(async () => (await get(port, '/ready')).status).toBe(503);
    const late = await run(port, frame(runHead()));
    expect([late.status, late.headers.connection]).toEqual([503, 'close']);
    for (const { closed, lines } of jobs) {
      await closed;
      expect(lines.some((line) => line.includes('"type":"result"'))).toBe(true);
    }
    expect(await exitOf(child)).toBe(0);
    expect(readdirSync(root)).toEqual([]);
  });

  test('stops what does not finish in time with an answer, kills its processes, and ends with 0', async () => {
    const { child, port } = await launchReady(100);
    const willing = await begin(port, 'until abort');
    const deaf = await begin(port, 'deaf');
    const parent = await begin(port, 'child');
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(0);
    for (const { lines, closed } of [willing, deaf, parent]) {
      await closed;
      expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ error: { code: 'unavailable' } });
    }
    await expect.poll(() => isGroupAlive(parent.stage)).toBe(false);
    expect(readdirSync(root)).toEqual([]);
  });

  test('sent twice ends the process at once', async () => {
    const { child, port } = await launchReady();
    const { stage: group } = await begin(port, 'child');
    child.kill('SIGTERM');
    await expect.poll(async () => (await get(port, '/ready')).status).toBe(503);
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(143);
    await expect.poll(() => isGroupAlive(group)).toBe(false);
  });
});

test('an error that nobody caught ends the process with 1, and its children with it', async () => {
  const { child, port } = await launchReady();
  const answer = openRun(port);
  answer.end(frame(runHead({ options: { html: 'throw' } })));
  await readAnswer(answer).catch(() => {});
  expect(await exitOf(child)).toBe(1);
});

describe('a wrong start', () => {
  test.each([
    ['a missing token', { MEDIA_TOKEN: '' }, 'MEDIA_TOKEN'],
    ['a port that is no number', { MEDIA_PORT: 'http' }, 'MEDIA_PORT'],
    [
      'a work folder that cannot be made',
      { MEDIA_WORK_DIR: '/etc/hostname/work' },
      '/etc/hostname/work',
    ],
  ])('with %s is one clear line and exit 1', async (_, env, named) => {
    const child = launch(env);
    const [output, code] = await Promise.all([text(child.stderr), exitOf(child)]);
    expect(code).toBe(1);
    expect(output).toMatch(/^media-service: .*\n$/);
    expect(output).toContain(named);
  });

  test('on a port that is taken is one clear line and exit 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const child = launch({ MEDIA_PORT: String(port) });
    const [output, code] = await Promise.all([text(child.stderr), exitOf(child)]);
    other.close();
    expect([code, output]).toEqual([1, expect.stringMatching(/^media-service: .*EADDRINUSE.*\n$/)]);
  });
});

function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
