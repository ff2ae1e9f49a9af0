import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../logger.ts';
import { ownerName } from './owner.ts';
import { sweepWorkDirs } from './start-sweep.ts';
import { createWorkDirs } from './work-dir.ts';

const logger = createLogger('silent');
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'work-dir-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a work folder is for its owner alone and is removed with all it holds', async () => {
  const dirs = createWorkDirs({ root, logger });
  const dir = await dirs.open('01J', 10);
  expect(statSync(dir.path).mode & 0o777).toBe(0o700);
  mkdirSync(join(dir.path, 'deep'));
  writeFileSync(join(dir.path, 'deep', 'file'), 'x');
  expect(dirs.count()).toBe(1);
  await dir.remove();
  expect(existsSync(dir.path)).toBe(false);
  expect(dirs.count()).toBe(0);
});

test('a job is refused with a time to retry when the disk is too full for it', async () => {
  const dirs = createWorkDirs({ root, logger, minFree: Number.MAX_SAFE_INTEGER });
  await expect(dirs.open('01J', 10)).rejects.toMatchObject({
    code: 'queue_full',
    details: { retryAfterSeconds: 30 },
  });
  expect(dirs.count()).toBe(0);
});

test('what running jobs have reserved is not free for others', async () => {
  const dirs = createWorkDirs({ root, logger, minFree: 0 });
  const half = Math.floor((await dirs.freeBytes()) / 3 / 1.5);
  const first = await dirs.open('01A', half);
  await expect(dirs.open('01B', half)).rejects.toMatchObject({ code: 'queue_full' });
  await first.remove();
  await (await dirs.open('01C', half)).remove();
});

test('the sweep removes the folders of the dead and leaves those of the living', async () => {
  const live = ownerName();
  const [host] = live.split('-');
  const reusedPid = `${host}-${process.pid}-1`;
  const dead = `${host}-4194300-12345`;
  for (const name of [live, reusedPid, dead, 'something-else'])
    mkdirSync(join(root, name, 'job'), { recursive: true });
  expect((await sweepWorkDirs(root)).sort()).toEqual([reusedPid, dead].sort());
  expect(existsSync(join(root, live, 'job'))).toBe(true);
  expect(existsSync(join(root, 'something-else'))).toBe(true);
});

test('the sweep leaves a folder of another host until no job can be alive in it', async () => {
  const fresh = join(root, '00000000-1-1');
  const old = join(root, '00000000-1-2');
  mkdirSync(fresh);
  mkdirSync(old);
  const longAgo = Date.now() / 1000 - 7200;
  utimesSync(old, longAgo, longAgo);
  expect(await sweepWorkDirs(root)).toEqual(['00000000-1-2']);
  expect(existsSync(fresh)).toBe(true);
});
