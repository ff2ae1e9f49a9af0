import type { ChildProcess } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { AppError } from '@nebula/contract/errors';
import type { Egress } from '@nebula/egress';
import { type EgressProxy, startEgressProxy } from '@nebula/egress/proxy';
import { type Browser, connect } from 'puppeteer';
import { ulid } from 'ulid';
import type { Env } from '../../env.ts';
import { ownerName } from '../../jobs/owner.ts';
import { killGroup, spawnGroup, watchMemory } from '../../jobs/process-group.ts';
import { browserFlags, findBinary } from './flags.ts';
import { createPipeTransport } from './pipe-transport.ts';

/** Resident memory of a browser with all its processes, at which it is killed. */
const memoryCeilingBytes = 1.5 * 1024 ** 3;

const launchMilliseconds = 20_000;
const maxStderrChars = 16_384;

/**
 * One browser with a way out of its own: the proxy knows whose traffic it sees, because one job at
 * a time runs in one browser.
 */
export type BrowserProcess = {
  readonly browser: Browser;
  readonly proxy: EgressProxy;
  readonly pid: number;
  readonly version: string;
  /** Why it was killed, where the work in it is to blame. */
  readonly endReason: AppError | undefined;
  /** Dead, or killed and about to be. */
  readonly isDead: boolean;
  /** Resolves as soon as it is dead or doomed. */
  died: Promise<void>;
  /** Ends the whole process group at once. */
  kill: (reason?: AppError) => void;
  /** Resolves when neither a process nor the folder is left. */
  ended: Promise<void>;
};

/**
 * Launches a browser behind a proxy of its own.
 *
 * @param onDeath called once, however the browser ends
 */
export async function launchBrowser(
  env: Env,
  egress: Egress,
  onDeath: (dead: BrowserProcess) => void,
): Promise<BrowserProcess> {
  const folder = join(env.MEDIA_WORK_DIR, ownerName(), `chromium-${ulid()}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const proxy = await startEgressProxy({ egress });
  const child = spawnBrowser(env, proxy.port, folder);
  const stderr = collectText(child);
  const { promise: died, resolve: setDied } = Promise.withResolvers<void>();
  const { promise: ended, resolve: setEnded } = Promise.withResolvers<void>();
  let endReason: AppError | undefined;
  let isDead = false;
  let isBuried = false;
  let self: BrowserProcess | undefined;

  const kill = (reason?: AppError) => {
    if (isDead) return;
    isDead = true;
    endReason ??= reason;
    killGroup(child);
    setDied();
  };
  const stopWatch = watchMemory(child.pid ?? 0, memoryCeilingBytes, () =>
    kill(new AppError('input_too_complex', 'The page needs more memory than one job may use.')),
  );
  const bury = async () => {
    if (isBuried) return;
    isBuried = true;
    kill();
    stopWatch();
    if (self) onDeath(self);
    await proxy.close().catch(() => {});
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }).catch(
      () => {},
    );
    setEnded();
  };
  child.once('exit', () => void bury());
  child.once('error', () => void bury());

  try {
    const browser = await connectTo(child);
    const version = (await browser.version()).replace(/^.*\//, '');
    self = {
      browser,
      proxy,
      pid: child.pid ?? 0,
      version,
      kill,
      died,
      ended,
      get endReason() {
        return endReason;
      },
      get isDead() {
        return isDead;
      },
    };
    return self;
  } catch (cause) {
    kill();
    if (child.pid === undefined) await bury();
    await ended;
    throw new Error(`${env.CHROMIUM_PATH} did not start: ${stderr().slice(-500)}`, { cause });
  }
}

function spawnBrowser(env: Env, proxyPort: number, folder: string): ChildProcess {
  const isRoot = process.getuid?.() === 0;
  const flags = browserFlags({
    proxyPort,
    profile: join(folder, 'profile'),
    // Chromium refuses to run as root with its sandbox.
    hasSandbox: !env.CHROMIUM_NO_SANDBOX && !isRoot,
  });
  return spawnGroup(findBinary(env.CHROMIUM_PATH), flags, {
    cwd: folder,
    env: {
      HOME: folder,
      TMPDIR: folder,
      XDG_CACHE_HOME: folder,
      XDG_CONFIG_HOME: folder,
      DBUS_SESSION_BUS_ADDRESS: 'disabled:',
      DBUS_SYSTEM_BUS_ADDRESS: 'disabled:',
    },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  });
}

/** The budget of a job ends a browser from outside, so the protocol itself never times out. */
async function connectTo(child: ChildProcess): Promise<Browser> {
  const [, , , output, input] = child.stdio;
  const transport = createPipeTransport(output as Writable, input as Readable);
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  const timer = setTimeout(() => fail(new Error('it did not answer')), launchMilliseconds);
  child.once('error', fail);
  child.once('exit', (code, signal) => fail(new Error(`it ended with ${signal ?? code}`)));
  failed.catch(() => {});
  try {
    const connecting = connect({
      transport,
      protocolTimeout: 0,
      defaultViewport: null,
      acceptInsecureCerts: false,
    });
    connecting.catch(() => {});
    return await Promise.race([connecting, failed]);
  } finally {
    clearTimeout(timer);
  }
}

function collectText(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-maxStderrChars);
  });
  child.stderr?.on('error', () => {});
  return () => text;
}
