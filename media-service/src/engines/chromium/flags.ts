import { existsSync, statfsSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Where Debian keeps the programs that its scripts in /usr/bin start. */
const debianFolder = '/usr/lib/chromium';

/**
 * The program itself instead of the script around it: a kill signal for the death of the parent
 * would end the script and leave the browser.
 */
export function findBinary(path: string): string {
  const binary = join(debianFolder, basename(path));
  return path.startsWith('/usr/bin/') && existsSync(binary) ? binary : path;
}

/** The command line of one browser. */
export function browserFlags({
  proxyPort,
  profile,
  hasSandbox,
}: {
  proxyPort: number;
  /** Folder of the profile, for this browser alone. */
  profile: string;
  hasSandbox: boolean;
}): string[] {
  return [
    ...alwaysFlags,
    ...networkFlags,
    `--proxy-server=http://127.0.0.1:${proxyPort}`,
    `--user-data-dir=${profile}`,
    `--disable-features=${disabledFeatures.join(',')}`,
    ...(hasSandbox ? [] : ['--no-sandbox']),
    ...(isSharedMemorySmall() ? ['--disable-dev-shm-usage'] : []),
  ];
}

/** Containers often have 64 MB of shared memory, and a large page ends the renderer there. */
function isSharedMemorySmall(): boolean {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize < 1024 ** 3;
  } catch {
    return true;
  }
}

/** Nothing leaves but through the proxy, not even to loopback: no UDP, no name service. */
const networkFlags = [
  '--proxy-bypass-list=<-loopback>',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--disable-quic',
  '--dns-prefetch-disable',
  '--no-pings',
  '--disable-background-networking',
  '--disable-client-side-phishing-detection',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-sync',
];

/** What talks to servers, keeps pages alive after their job, or loads what nobody has asked for. */
const disabledFeatures = [
  'AsyncDns',
  'AutofillServerCommunication',
  'BackForwardCache',
  'DnsOverHttps',
  'MediaRouter',
  'NetworkPrediction',
  'OptimizationHints',
  'PaintHolding',
  'Prerender2',
  'SpareRendererForSitePerProcess',
  'SpeculationRulesPrefetchFuture',
  'Translate',
  'WebTransport',
  // One job has one browser, so processes for each site would only cost time.
  'IsolateOrigins',
  'site-per-process',
];

const alwaysFlags = [
  '--headless',
  '--remote-debugging-pipe',
  '--no-startup-window',
  // An A4 sheet at 96 dpi, so that scripts that measure the window find what will be printed.
  '--window-size=794,1123',
  '--disable-breakpad',
  '--disable-component-extensions-with-background-pages',
  '--disable-default-apps',
  '--disable-extensions',
  '--disable-gpu',
  '--disable-hang-monitor',
  '--disable-notifications',
  '--disable-prompt-on-repost',
  '--disable-renderer-backgrounding',
  '--disable-site-isolation-trials',
  // Frames on a screen that nobody sees cost a quarter of a job's time.
  '--disable-threaded-animation',
  '--disable-threaded-compositing',
  '--font-render-hinting=none',
  '--force-color-profile=srgb',
  '--hide-scrollbars',
  '--metrics-recording-only',
  '--mute-audio',
  '--no-default-browser-check',
  '--no-first-run',
  '--password-store=basic',
  '--use-mock-keychain',
];
