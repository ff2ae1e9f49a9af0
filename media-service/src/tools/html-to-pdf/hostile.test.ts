import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Printer, startPrinter } from './testing/printer.ts';
import { startSite, type TestSite } from './testing/site.ts';
import { zip } from './testing/zip.ts';

let printer: Printer;
let site: TestSite;
const folder = mkdtempSync(join(tmpdir(), 'nebula-hostile-'));

beforeAll(async () => {
  site = await startSite({
    '/drip': (response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      const timer = setInterval(() => response.write('<p>more'.repeat(200)), 20);
      response.on('close', () => clearInterval(timer));
    },
    '/storing': (response) => {
      response.setHeader('set-cookie', 'left=behind; Path=/; Max-Age=9999');
      response.setHeader('cache-control', 'max-age=9999');
      response.setHeader('content-type', 'text/html');
      response.end(
        '<p>stored<script>localStorage.left = sessionStorage.left = 1; indexedDB.open("left"); caches.open("left"); navigator.serviceWorker?.register("/sw.js")</script>',
      );
    },
    '/looking': `<p id="o"><script>(async () => {
      const bases = await indexedDB.databases();
      o.textContent = JSON.stringify({ cookie: document.cookie, local: localStorage.left ?? null, session: sessionStorage.left ?? null, bases: bases.length });
      window.done = 1;
    })()</script>`,
  });
  printer = await startPrinter({ MEDIA_SLOTS: '2', EGRESS_ALLOW: site.allow });
});

afterAll(async () => {
  await printer.close();
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Whatever a page did, the next job works, and no browser is left that should be gone. */
afterEach(async () => {
  expect((await printer.print({ html: '<p>known good' })).text()).toContain('known good');
  await expect.poll(() => printer.groups().size, { timeout: 20_000 }).toBe(3);
});

describe('no file of the machine lands in a PDF', () => {
  const sentinel = join(folder, 'secret.txt');
  const secret = 'SENTINEL-OF-THE-TEST';
  beforeAll(() => writeFileSync(sentinel, secret));

  it.each([
    `<iframe src="file://${sentinel}"></iframe>`,
    `<object data="file://${sentinel}"></object><embed src="file://${sentinel}">`,
    `<img src="file://${sentinel}"><link rel="stylesheet" href="file://${sentinel}">`,
    `<script>fetch('file://${sentinel}').then((r) => r.text()).then((t) => document.body.append(t))</script>`,
    `<script>const x = new XMLHttpRequest(); try { x.open('GET', 'file://${sentinel}', false); x.send(); document.write(x.responseText) } catch {}</script>`,
    `<iframe src="view-source:file://${sentinel}"></iframe><iframe src="filesystem:file://${sentinel}"></iframe>`,
    `<iframe src="\\\\localhost${sentinel}"></iframe><iframe src="file://localhost${sentinel}"></iframe>`,
    `<script>location = 'file://${sentinel}'</script>`,
    `<meta http-equiv="refresh" content="0;url=file://${sentinel}">`,
    `<iframe src="../../../../../../../..${sentinel}"></iframe><iframe src="..%2f..%2f..%2f..%2f..%2f..${sentinel}"></iframe>`,
  ])('by %s', async (vector) => {
    const html = `<p>marker</p>${vector}`;
    const wait = { delay_ms: 100 };
    expect((await printer.print({ html, wait })).text()).not.toContain(secret);
    const bytes = await zip({ 'index.html': html });
    const zipped = await printer.print({ wait }, { file: { bytes, type: 'zip' } });
    expect(zipped.text()).not.toContain(secret);
  });

  it('by a ZIP whose names lead outside, or that is damaged, encrypted or a link', async () => {
    const good = await zip({ 'index.html': 'x', 'aa/secret.txt': 'y' });
    const renamed = good.toString('latin1').replaceAll('aa/secret', '../secret');
    const absolute = good.toString('latin1').replaceAll('aa/secret', '/a/secret');
    for (const text of [renamed, absolute, good.toString('latin1').slice(0, -30)]) {
      const file = { bytes: Buffer.from(text, 'latin1'), type: 'zip' as const };
      expect(await printer.attempt({}, { file })).toBe('corrupt_input');
    }
  });

  it('a ZIP that inflates too far is refused', async () => {
    const bomb = await zip({ 'index.html': 'x', 'big.bin': Buffer.alloc(30_000_000) });
    const many = Object.fromEntries(Array.from({ length: 2_001 }, (_, at) => [`${at}.txt`, 'x']));
    const crowd = await zip({ 'index.html': 'x', ...many });
    for (const bytes of [bomb, crowd])
      expect(await printer.attempt({}, { file: { bytes, type: 'zip' } })).toBe('input_too_complex');
  });
});

const loops = {
  'a loop': '<script>while (true) {}</script>',
  'a loop after load': '<script>onload = () => { for (;;) {} }</script>',
  'a loop in print': '<script>onbeforeprint = () => { for (;;) {} }</script>',
  microtasks: '<script>const f = () => Promise.resolve().then(f); f()</script>',
  'alerts without end': '<script>for (;;) alert(1)</script>',
  'a slow regular expression': '<script>/^(a+)+$/.test("a".repeat(60) + "b")</script>',
  'a synchronous worker wait': '<script>Atomics.wait ? eval("for(;;);") : 0</script>',
};

const gluttons = {
  'a growing array':
    '<script>const a = []; setInterval(() => { for (let i = 0; i < 9; i++) a.push(new Array(1e6).fill(Math.random())) }, 1); onload = () => {}</script><img src="http://10.0.0.1/"><script>while (a.length < 1e6) a.push(new Array(1e6).fill(Math.random()))</script>',
  'huge canvases':
    '<script>const c = []; for (let i = 0; i < 400; i++) { const e = document.createElement("canvas"); e.width = e.height = 8000; e.getContext("2d").fillRect(0, 0, 8000, 8000); c.push(e) }</script>',
  'typed arrays':
    '<script>const b = []; for (let i = 0; i < 400; i++) { b.push(new Uint8Array(5e7).fill(1)) }</script>',
};

const heavy = {
  '400,000 nodes': '<script>document.write("<p>x<b>y</b>".repeat(200000))</script>',
  '5,000,000 px': '<div style="height:5000000px">x</div>',
  '5,000 pages': '<p style="break-after:page">x</p>'.repeat(5_000),
  'a great blur':
    '<div style="width:20000px;height:20000px;filter:blur(500px);background:red">x</div>',
  '200 workers':
    '<script>for (let i = 0; i < 200; i++) new Worker(URL.createObjectURL(new Blob(["for(;;);"])))</script>',
  '500 frames': '<iframe srcdoc="<p>x"></iframe>'.repeat(500),
  'elements 100,000 deep': `${'<div>'.repeat(100_000)}x`,
  'a selector of 5 MB': `<style>${'a '.repeat(2_500_000)}{}</style><p>x`,
  'timers that multiply': '<script>const f = () => { setTimeout(f); setTimeout(f) }; f()</script>',
  'prints and windows':
    '<script>for (let i = 0; i < 50; i++) { print(); open("about:blank") }</script>',
};

const budgetMs = 4_000;

async function timed(options: Record<string, unknown>, timeoutMs = budgetMs) {
  const startedAt = performance.now();
  const outcome = await printer.attempt(options, { timeoutMs });
  return { outcome, ms: performance.now() - startedAt };
}

describe('a page that never ends is ended', () => {
  it.each(Object.entries(loops))('%s', async (_, html) => {
    const { ms, outcome } = await timed({ html }, 2_500);
    expect(outcome).toBe('tool_timeout');
    expect(ms).toBeLessThan(2_500 + 2_000);
  });

  it('a document that keeps coming', async () => {
    const { ms, outcome } = await timed({ url: site.at('/drip') });
    expect(['tool_timeout', 'printed']).toContain(outcome);
    expect(ms).toBeLessThan(budgetMs + 2_000);
  });
});

describe('a page that asks too much stays within the ceiling', () => {
  it.each(Object.entries(gluttons))('%s', async (_, html) => {
    const { outcome } = await timed({ html }, 20_000);
    expect(['input_too_complex', 'engine_crashed']).toContain(outcome);
  });

  it.each(Object.entries(heavy))('%s', async (_, html) => {
    const { ms, outcome } = await timed({ html });
    expect(['printed', 'tool_timeout', 'input_too_complex']).toContain(outcome);
    expect(ms).toBeLessThan(budgetMs + 2_000);
  });
});

describe('two tenants', () => {
  it('one prints while the other loops, again and again', async () => {
    for (const html of [loops['a loop'], loops.microtasks, heavy['200 workers']]) {
      const attack = timed({ html }, 2_000);
      for (let round = 0; round < 4; round++) {
        const neighbour = await printer.print({ html: '<p>neighbour' }, { accountId: 'b' });
        expect(neighbour.text()).toContain('neighbour');
      }
      await attack;
    }
  });

  it('find nothing that the other has stored, nor does the same tenant', async () => {
    for (const accountId of ['a', 'a', 'b']) {
      await printer.print({ url: site.at('/storing') }, { accountId });
      const wait = { expression: 'window.done === 1' };
      const { text } = await printer.print({ url: site.at('/looking'), wait }, { accountId });
      expect(text().replaceAll(/\s/g, '')).toBe(
        '{"cookie":"","local":null,"session":null,"bases":0}',
      );
    }
    expect(site.seen.filter(({ path }) => path === '/storing')).toHaveLength(3);
  });

  it('a page used again holds neither globals nor timers nor a name', async () => {
    const accountId = 'again';
    for (let round = 0; round < 10; round++) {
      const { text } = await printer.print(
        {
          html: `<p id="o"></p><script>
            o.textContent = JSON.stringify([typeof secret, window.name, document.title, history.state]);
            window.secret = 1; window.name = 'left'; document.title = 'left'; history.replaceState(1, '');
            setInterval(() => { document.body?.append('ticking') }, 1);
          </script>`,
          javascript: 'document.body.replaceChildren(o)',
        },
        { accountId },
      );
      expect(text()).toContain('["undefined","","",null]');
    }
  });
});

describe('a crash costs nothing but time', () => {
  it.each(['about:crash', 'chrome://crash', 'chrome://settings', 'chrome://version'])(
    'a page that goes to %s',
    async (address) => {
      const html = `<p>x</p><iframe src="${address}"></iframe><script>try { location = '${address}' } catch {}; close()</script>`;
      const outcome = await printer.attempt({ html, wait: { delay_ms: 200 } });
      expect(['printed', 'engine_crashed']).toContain(outcome);
    },
  );

  it.each(['renderer', 'browser'])('a %s that is killed in the middle', async (kind) => {
    const wait = { delay_ms: 1_500 };
    const printing = printer.print({ html: '<p>survivor</p>', wait });
    await expect.poll(() => printer.engines.chromium.health().busy).toBe(1);
    for (const [leader, members] of printer.groups())
      for (const pid of kind === 'browser' ? [leader] : members.filter((each) => each !== leader))
        process.kill(pid, 'SIGKILL');
    const { text, warnings } = await printing;
    expect(text()).toContain('survivor');
    expect(warnings).toEqual([]);
  });

  it('browsers that die all the time make the job fail', async () => {
    let isOver = false;
    const printing = printer
      .attempt({ html: '<p>x', wait: { delay_ms: 3_000 } })
      .finally(() => (isOver = true));
    while (!isOver) {
      for (const leader of printer.groups().keys()) process.kill(leader, 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    expect(['engine_crashed', 'unavailable']).toContain(await printing);
    const { health } = printer.engines.chromium;
    await expect.poll(() => health().ready, { timeout: 30_000 }).toBe(true);
  });
});
