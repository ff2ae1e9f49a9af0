import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadDotEnv } from '#local/stack/dot-env.ts';
import { root, type Stack, startStack } from '#local/stack/stack.ts';
import { alignColumns } from '../report/print-table.ts';

const { values } = parseArgs({
  options: {
    sockets: { type: 'string', default: '1500' },
    events: { type: 'string', default: '500' },
    rate: { type: 'string', default: '50' },
    port: { type: 'string', default: '3800' },
  },
});
const [sockets, events, perSecond, basePort] = (['sockets', 'events', 'rate', 'port'] as const).map(
  (name) => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value > 0 && value <= 65_535) return value;
    throw new Error(`Expected --${name} to be a whole number, received ${values[name]}.`);
  },
) as [number, number, number, number];
const accounts = 20;

type Line = [name: string, value: string, bound: string, verdict: string, detail: string];

loadDotEnv(root);
const folder = join(root, '.data/bench-realtime');
mkdirSync(folder, { recursive: true });
const stack = await startStack({
  folder,
  basePort,
  quiet: true,
  overrides: { LOG_LEVEL: 'error' },
});
try {
  const lines = await measure(stack);
  const head: Line = ['row', 'value', 'bound', '', 'this run'];
  process.stdout.write(`\n${alignColumns([head, ...lines]).join('\n')}\n`);
  process.exitCode = lines.some(([, , , verdict]) => verdict === 'miss') ? 1 : 0;
} finally {
  await stack.stop();
}
process.exit();

/** Opens the pages, tells events, ends the channels server, and tells them again. */
async function measure({ file }: Stack): Promise<Line[]> {
  // They read the environment that the stack has set.
  const { createListeners, openPage } = await import('./audience.ts');
  const phases = await import('./phases.ts');
  const sentAt = new Map<string, number>();
  const asked = { asked: 0, refused: 0 };
  say(`making ${accounts} accounts`);
  const listeners = await createListeners(accounts);
  const empty = readMemory();

  say(`opening ${sockets} sockets`);
  const pages = Array.from({ length: Math.ceil(sockets / accounts) }, () => listeners)
    .flat()
    .slice(0, sockets)
    .map((listener) => openPage(file, listener, { count: asked, sentAt }));
  const opened = await phases.untilLive(pages, 1);
  const unopened = sockets - phases.countLive(pages);
  const full = readMemory();

  const pace = { events, perSecond, sentAt };
  say(`telling ${events} events, ${perSecond} a second, by Pusher alone`);
  const direct = await phases.tellAll(pages, phases.tellDirectly(file), pace);
  say('the same through the outbox');
  const outbox = await phases.tellAll(pages, phases.tellByOutbox, pace);

  say('ending the channels server; the supervisor starts another');
  Object.assign(asked, { asked: 0, refused: 0 });
  process.kill(pidOf('channels'), 'SIGKILL');
  await phases.until(() => phases.countLive(pages) === 0, 10_000);
  const from = performance.now();
  await phases.untilLive(pages, 0.5);
  const half = performance.now() - from;
  await phases.untilLive(pages, 1);
  const all = performance.now() - from;
  const stormed = readMemory();
  const missing = sockets - phases.countLive(pages);
  say('telling the events again');
  const after = await phases.tellAll(pages, phases.tellByOutbox, pace);
  for (const { realtime } of pages) realtime.close();

  const { percentile } = phases;
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  const both = (values: number[]) =>
    `p50 ${ms(percentile(values, 0.5))}, p99 ${ms(percentile(values, 0.99))}`;
  const ratio = (what: 'delays' | 'waits', share: number) =>
    `${(percentile(outbox[what], share) / percentile(direct[what], share)).toFixed(2)}x`;
  const reach = `${sockets / accounts} pages hear each event`;
  const came = `half after ${seconds(half)}, all after ${seconds(all)}`;
  const signed = `${asked.asked} signatures asked for, ${asked.refused} refused`;
  const perSecondSigned = (asked.asked * 1000) / all;
  return [
    none('sockets that did not open', unopened, `all open after ${seconds(opened ?? Infinity)}`),
    open(
      'publish to receive, p50',
      ratio('delays', 0.5),
      `outbox ${both(outbox.delays)}; ${reach}`,
    ),
    open('publish to receive, p99', ratio('delays', 0.99), `Pusher alone ${both(direct.delays)}`),
    atMost('publish to receive, p99', percentile(outbox.delays, 0.99), 100, 'by the outbox'),
    open('the caller waits, p50', ratio('waits', 0.5), `outbox ${both(outbox.waits)}`),
    open('the caller waits, p99', ratio('waits', 0.99), `Pusher alone ${both(direct.waits)}`),
    none('events lost', outbox.lost, `of ${outbox.delays.length + outbox.lost}`),
    none('events doubled', outbox.doubled, 'told twice to the same page'),
    none('sockets that did not come back', missing, `${came}; ${signed}`),
    atMost('all sockets are back', all, 15_000, came),
    atLeast(
      'signatures a second in the storm',
      perSecondSigned,
      Math.min(100, asked.asked / 15),
      signed,
    ),
    none('signatures refused in the storm', asked.refused, signed),
    none('events lost after the restart', after.lost, both(after.delays)),
    none('events doubled after the restart', after.doubled, 'told twice to the same page'),
    ...memoryLines(empty, full, stormed),
    memoryLimit(Math.max(full.channels, stormed.channels)),
  ];
}

type Memory = { channels: number; web: number };

/** Megabytes that the two servers hold. */
function readMemory(): Memory {
  return { channels: residentMegabytes(pidOf('channels')), web: residentMegabytes(pidOf('web')) };
}

function memoryLines(empty: Memory, full: Memory, stormed: Memory): Line[] {
  const course = (part: keyof Memory) =>
    `${[empty, full, stormed].map((each) => each[part].toFixed(0)).join(', ')} MB: empty, full, after the restart`;
  const each = ((full.channels - empty.channels) * 1024) / sockets;
  return [
    open('channels server, a socket', `${each.toFixed(1)} kB`, course('channels')),
    open('web process', `${(stormed.web - empty.web).toFixed(0)} MB more`, course('web')),
  ];
}

/** A row without a bound. */
function open(name: string, value: string, detail: string): Line {
  return [name, value, '—', '', detail];
}

/** A row of milliseconds with a bound. */
function atMost(name: string, value: number, bound: number, detail: string): Line {
  return [
    name,
    `${value.toFixed(0)} ms`,
    `≤ ${bound} ms`,
    value <= bound ? 'pass' : 'miss',
    detail,
  ];
}

/** A row of a pace with a bound. */
function atLeast(name: string, value: number, bound: number, detail: string): Line {
  return [
    name,
    value.toFixed(0),
    `≥ ${bound.toFixed(0)}`,
    value >= bound ? 'pass' : 'miss',
    detail,
  ];
}

/** What 1,500 sockets may take; more of them may take more. */
function memoryLimit(megabytes: number): Line {
  const bound = Math.round((250 * Math.max(sockets, 1_500)) / 1_500);
  const verdict = megabytes <= bound ? 'pass' : 'miss';
  const value = `${megabytes.toFixed(0)} MB`;
  return ['channels server, at most', value, `≤ ${bound} MB`, verdict, 'resident, full or after'];
}

/** A row of what must not be. */
function none(name: string, value: number, detail: string): Line {
  return [name, String(value), '0', value === 0 ? 'pass' : 'miss', detail];
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function seconds(milliseconds: number): string {
  return milliseconds === Infinity ? 'never' : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** The process of a part now: one that was killed has a new one. */
function pidOf(part: string): number {
  const pids = JSON.parse(readFileSync(join(folder, 'pids.json'), 'utf8')) as Record<
    string,
    number
  >;
  const pid = pids[part];
  if (!pid) throw new Error(`The part ${part} is not running.`);
  return pid;
}

function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
