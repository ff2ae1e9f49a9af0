import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Egress } from '@nebula/egress';
import { type EgressProxy, startEgressProxy } from '@nebula/egress/proxy';
import { type Browser, type BrowserContext, launch, type Page } from 'puppeteer';
import type { Env } from '../../env.ts';
import {
  baseEnvironment,
  guardedCommand,
  killGroup,
  watchMemory,
} from '../../jobs/process-group.ts';

/** Resident memory of a whole browser at which it is killed. */
const memoryCeilingBytes = 1.5 * 1024 ** 3;

/** The signal kills a job that is too long; this only has to be longer than any job. */
const protocolMilliseconds = 700_000;

/**
 * One browser process with its own way out: the proxy knows whose traffic it sees, because one job
 * runs in one browser at a time.
 */
export type BrowserUnit = {
  browser: Browser;
  proxy: EgressProxy;
  pid: number;
  version: string;
  isDead: () => boolean;
  /** It used more memory than one job may. */
  hasOverflowed: () => boolean;
  /** Ends the whole process group at once and removes its folder. */
  kill: () => void;
  /** A page that may be used again by the account that used it last. */
  kept?: { accountId: string; context: BrowserContext; page: Page; uses: number };
  jobs: number;
};

/** Launches a browser behind a proxy of its own. */
export async function launchUnit(
  env: Env,
  egress: Egress,
  onDeath: (unit: BrowserUnit) => void,
): Promise<BrowserUnit> {
  const proxy = await startEgressProxy({ egress });
  const folder = await mkdtemp(join(tmpdir(), 'nebula-chromium-'));
  const browser = await start(env, proxy.port, folder).catch(async (error: unknown) => {
    await Promise.all([proxy.close(), rm(folder, { recursive: true, force: true })]);
    throw error;
  });
  const child = browser.process() ?? undefined;
  let isDead = false;
  let hasOverflowed = false;
  const stopWatch = watchMemory(child?.pid ?? 0, memoryCeilingBytes, () => {
    hasOverflowed = true;
    unit.kill();
  });
  const unit: BrowserUnit = {
    browser,
    proxy,
    pid: child?.pid ?? 0,
    version: (await browser.version()).replace(/^.*\//, ''),
    isDead: () => isDead,
    hasOverflowed: () => hasOverflowed,
    kill: () => killGroup(child),
    jobs: 0,
  };
  const bury = () => {
    if (isDead) return;
    isDead = true;
    stopWatch();
    killGroup(child);
    void proxy.close();
    void rm(folder, { recursive: true, force: true, maxRetries: 5 });
    onDeath(unit);
  };
  browser.once('disconnected', bury);
  child?.once('exit', bury);
  return unit;
}

function start(env: Env, proxyPort: number, folder: string): Promise<Browser> {
  const isRoot = process.getuid?.() === 0;
  const [command, args] = guardedCommand(env.CHROMIUM_PATH, [
    ...flags,
    `--proxy-server=http://127.0.0.1:${proxyPort}`,
    `--user-data-dir=${folder}`,
    ...(env.CHROMIUM_NO_SANDBOX || isRoot ? ['--no-sandbox'] : []),
    'about:blank',
  ]);
  return launch({
    executablePath: command,
    args,
    ignoreDefaultArgs: true,
    pipe: true,
    env: { ...baseEnvironment, HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder },
    protocolTimeout: protocolMilliseconds,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    acceptInsecureCerts: false,
    defaultViewport: null,
  });
}

/** Nothing leaves but through the proxy: no UDP, no name service, no worker that outlives its page. */
const flags = [
  '--headless',
  '--remote-debugging-pipe',
  '--proxy-bypass-list=<-loopback>',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--disable-quic',
  '--dns-prefetch-disable',
  '--no-pings',
  '--disable-features=Prerender2,SpeculationRulesPrefetchFuture,NetworkPrediction,DnsOverHttps,AsyncDns,WebTransport,Translate,OptimizationHints,MediaRouter,InterestFeedContentSuggestions,AutofillServerCommunication,BackForwardCache',
  '--disable-background-networking',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-breakpad',
  '--disable-client-side-phishing-detection',
  '--disable-component-extensions-with-background-pages',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-dev-shm-usage',
  '--disable-extensions',
  '--disable-gpu',
  '--disable-hang-monitor',
  '--disable-ipc-flooding-protection',
  '--disable-notifications',
  '--disable-popup-blocking',
  '--disable-prompt-on-repost',
  '--disable-renderer-backgrounding',
  '--disable-sync',
  '--font-render-hinting=none',
  '--force-color-profile=srgb',
  '--hide-scrollbars',
  '--metrics-recording-only',
  '--mute-audio',
  '--no-default-browser-check',
  '--no-first-run',
  '--password-store=basic',
  '--renderer-process-limit=2',
  '--use-mock-keychain',
];
