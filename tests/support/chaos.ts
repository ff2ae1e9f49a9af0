import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import {
  cpuTicks,
  descendantsOf,
  isRunning,
  mediaPid,
  profileFolders,
  spoolFolders,
  workFolders,
} from './process.ts';
import { html, jpeg } from './samples.ts';
import { api, postForm, postJson } from './stack.ts';

// Every call says `cache: false`: an answer that was kept would reach no engine.

/** How long the next job may take to succeed after something was killed, in milliseconds. */
const recoveryMs = 5_000;

export type Outcome = { status: number; headers: Headers; bytes: Buffer };

/** A document that keeps a browser busy for so long. */
export function printSlowly(key: string, delayMs: number): Promise<Outcome> {
  return outcomeOf(
    postJson('html-to-pdf', key, { cache: false, html: html(2), wait: { delay_ms: delayMs } }),
  );
}

/** A document whose own script keeps its page computing for so long. */
export function printBusily(key: string, milliseconds: number): Promise<Outcome> {
  const loop = `const end=Date.now()+${milliseconds};while(Date.now()<end);`;
  return outcomeOf(
    postJson('html-to-pdf', key, { cache: false, html: `<p>x<script>${loop}</script>` }),
  );
}

/** An image that keeps an OpenCV worker busy for some seconds. */
export async function resizeSlowly(key: string): Promise<Outcome> {
  const file = new Blob([new Uint8Array(await jpeg(4000, 4000))]);
  const fields = {
    cache: 'false',
    width: '6900',
    enlarge: 'true',
    filter: 'lanczos4',
    sharpen: '10',
  };
  return outcomeOf(postForm('image-resize', key, { file, ...fields }));
}

async function outcomeOf(answer: Promise<Response>): Promise<Outcome> {
  const response = await answer;
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes };
}

/** Resolves when a job has a work folder: its input has arrived, and it waits or runs. */
export async function jobHasBegun(): Promise<void> {
  await expect.poll(() => workFolders().length, { timeout: 30_000, interval: 10 }).toBe(1);
}

/** Processes of the media-service whose command says what they are. */
export function mediaChildren(pattern: RegExp): number[] {
  return descendantsOf(mediaPid())
    .filter(({ command }) => pattern.test(command))
    .map(({ pid }) => pid);
}

/** Ends processes without a warning; the ones that are gone already do not matter. */
export function killAll(pids: number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended with its parent.
    }
  }
}

/**
 * Expects a small job of both engines to succeed soon.
 *
 * @returns milliseconds until it did
 */
export async function expectRecovery(key: string, timeout = recoveryMs): Promise<number> {
  const since = performance.now();
  const print = async () =>
    (await outcomeOf(postJson('html-to-pdf', key, { cache: false, html: html() }))).status;
  const file = new Blob([new Uint8Array(await jpeg())]);
  const resize = async () =>
    (await outcomeOf(postForm('image-resize', key, { cache: 'false', file, width: '8' }))).status;
  const isUp = () => Promise.all([print(), resize()]).catch(() => []);
  await expect.poll(isUp, { timeout, interval: 50 }).toEqual([200, 200]);
  return Math.round(performance.now() - since);
}

/** Expects that nothing of the killed work is left: no process, no folder of a job, no upload. */
export async function expectNoLeftovers(killed: number[]): Promise<void> {
  const left = () => ({
    running: killed.filter(isRunning),
    work: workFolders(),
    spool: spoolFolders(),
    // A browser that lives has one profile; a dead one none.
    profiles: profileFolders().length - browsers(),
  });
  const nothing = { running: [], work: [], spool: [], profiles: 0 };
  await expect.poll(left, { timeout: 30_000 }).toEqual(nothing);
}

/** Browsers that run: the processes that all others of a browser come from. */
function browsers(): number {
  const children = descendantsOf(mediaPid());
  return children.filter(
    ({ command }) => /chrom/.test(command) && !/--type=|crashpad/.test(command),
  ).length;
}

/** Waits until every part answers again, so that the next test begins on a whole stack. */
export async function waitUntilReady(): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const isReady = await fetch(`${api}/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
    await delay(100);
  }
  throw new Error('The stack did not become ready again.');
}

/** Waits for a list that is not empty. */
export async function whenAny(list: () => number[]): Promise<number[]> {
  let found: number[] = [];
  const look = () => {
    found = list();
    return found.length;
  };
  await expect.poll(look, { timeout: 20_000, interval: 10 }).toBeGreaterThan(0);
  return found;
}

/** Waits for one of the processes to compute for so many hundredths of a second. */
export async function whenBusy(list: () => number[], ticks = 20): Promise<number[]> {
  const before = new Map(list().map((pid) => [pid, cpuTicks(pid)]));
  return whenAny(() => list().filter((pid) => cpuTicks(pid) - (before.get(pid) ?? 0) > ticks));
}
