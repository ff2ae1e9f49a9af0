import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Canary, startCanary } from './testing/canary.ts';
import { egressVectors } from './testing/egress-vectors.ts';
import { type Printer, startPrinter } from './testing/printer.ts';
import { startSite, type TestSite } from './testing/site.ts';
import { zip } from './testing/zip.ts';

let canary: Canary;
let site: TestSite;
let printer: Printer;
const names = Object.keys(egressVectors({ port: 1, udpPort: 1 }));
const page = (vector: string | undefined) => `<!doctype html><p>marker</p>${vector}`;
const swiftly = { wait: { delay_ms: 120, timeout_ms: 3_000 } };

beforeAll(async () => {
  canary = await startCanary();
  const vectors = egressVectors(canary);
  const routes = names.map((name) => [
    `/${name}`,
    (response: ServerResponse) => {
      // Headers can ask for loads too.
      response.setHeader('link', `<http://127.0.0.1:${canary.port}/link>; rel=preload; as=style`);
      response.setHeader('content-type', 'text/html');
      response.end(page(vectors[name]));
    },
  ]);
  site = await startSite({
    ...Object.fromEntries(routes),
    '/sw.js': (response) => {
      response.setHeader('content-type', 'text/javascript');
      response.end(`fetch('http://127.0.0.1:${canary.port}/from-sw')`);
    },
  });
  printer = await startPrinter({ EGRESS_ALLOW: site.allow, MEDIA_SLOTS: '2' });
});

afterAll(async () => {
  await printer.close();
  await Promise.all([canary.close(), site.close()]);
});

describe(`${names.length} ways out lead nowhere`, () => {
  it.each([
    ['HTML', (name: string) => printer.attempt({ html: page(vector(name)), ...swiftly })],
    [
      'a ZIP',
      async (name: string) => {
        const bytes = await zip({
          'index.html': page(vector(name)),
          'sw.js': `fetch('http://127.0.0.1:${canary.port}/from-sw')`,
        });
        return printer.attempt(swiftly, { file: { bytes, type: 'zip' } });
      },
    ],
    ['an address', (name: string) => printer.attempt({ url: site.at(`/${name}`), ...swiftly })],
  ])('from %s', { timeout: 120_000 }, async (_, attempt) => {
    const reached: Record<string, string[]> = {};
    const outcomes = new Set<string>();
    const left = [...names];
    const worker = async () => {
      for (let name = left.shift(); name !== undefined; name = left.shift()) {
        outcomes.add(await attempt(name));
        if (canary.hits.length > 0) reached[name] = canary.hits.splice(0);
      }
    };
    await Promise.all([worker(), worker()]);
    expect(reached).toEqual({});
    expect([...outcomes]).toContain('printed');
    expect((await printer.print({ html: '<p>known good' })).text()).toContain('known good');
  });

  const vector = (name: string) => egressVectors(canary)[name];
});

it('the canary would have noticed', async () => {
  connect(canary.port, '127.0.0.1').end('x\r\n');
  await expect.poll(() => canary.hits).toContain('a connection');
});

it('no browser listens on a port that a page could reach', async () => {
  const listening = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap((fields) => (fields[3] === '0A' ? [`socket:[${fields[9]}]`] : []));
  const pids = [...printer.groups().values()].flat();
  expect(pids.length).toBeGreaterThan(3);
  const sockets = pids.flatMap(socketsOf);
  expect(sockets.length).toBeGreaterThan(0);
  expect(sockets.filter((socket) => listening.includes(socket))).toEqual([]);
});

function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      const target = readlinkSync(`${folder}/${fd}`);
      return target.startsWith('socket:') ? [target] : [];
    } catch {
      return [];
    }
  });
}

it('a page learns neither name nor address of the machine', async () => {
  const html = `<pre id="o"></pre><script>
    const seen = [];
    const c = new RTCPeerConnection();
    c.onicecandidate = (e) => e.candidate && seen.push(e.candidate.candidate);
    c.createDataChannel('x');
    c.createOffer().then((offer) => c.setLocalDescription(offer));
    setTimeout(() => {
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      o.textContent = JSON.stringify({ seen, zone, agent: navigator.userAgent });
      window.done = true;
    }, 300)
  </script>`;
  const { text } = await printer.print({ html, wait: { expression: 'window.done' } });
  expect(text()).toContain('"seen":[]');
  expect(text()).toContain('"zone":"UTC"');
});
