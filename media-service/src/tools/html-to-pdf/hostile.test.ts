import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { createEngines } from '../../testing/create-engines.ts';
import { testJob } from '../../testing/test-job.ts';
import { type Canary, egressVectors, startCanary } from './canary.ts';
import { runHtmlToPdf } from './run.ts';

const engines = createEngines();
const folder = mkdtempSync(join(tmpdir(), 'nebula-hostile-'));
let canary: Canary;

beforeAll(async () => {
  canary = await startCanary();
  await engines.chromium.start();
});

afterAll(async () => {
  await engines.chromium.stop();
  await canary.close();
  rmSync(folder, { recursive: true, force: true });
});

/** After whatever a page did, the engine still works, and nothing has left it. */
afterEach(async () => {
  expect(canary.hits).toEqual([]);
  const { text } = await print({ html: '<p>known good</p>' });
  expect(text).toContain('known good');
});

async function print(options: Record<string, unknown>, file?: string, timeoutMs = 30_000) {
  const files = file ? [{ path: file, type: 'zip' as const }] : [];
  const job = testJob('html-to-pdf', options, files, { timeoutMs });
  try {
    const output = await runHtmlToPdf(job, engines);
    const path = output.files[0]?.path ?? '';
    const text = execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' });
    return { text, warnings: job.warnings };
  } finally {
    job.remove();
  }
}

async function zip(name: string, entries: Record<string, string>): Promise<string> {
  const archive = new ZipFile();
  for (const [path, text] of Object.entries(entries)) archive.addBuffer(Buffer.from(text), path);
  archive.end();
  const chunks: Buffer[] = [];
  for await (const chunk of archive.outputStream) chunks.push(chunk as Buffer);
  const path = join(folder, `${name}.zip`);
  writeFileSync(path, Buffer.concat(chunks));
  return path;
}

describe('nothing in a document reaches an address that is not public', () => {
  const names = Object.keys(
    egressVectors({ port: 1, udpPort: 1, hits: [], close: async () => {} }),
  );

  it.each(names)('%s, as HTML', async (name) => {
    const html = `<p>marker</p>${egressVectors(canary)[name]}`;
    await print({ html, wait: { delay_ms: 150, timeout_ms: 3000 } }).catch(() => {});
  });

  it('all of them at once, as a zipped site', async () => {
    const body = Object.values(egressVectors(canary)).join('\n');
    const path = await zip('vectors', { 'index.html': `<p>marker</p>${body}` });
    await print({ wait: { delay_ms: 1000, timeout_ms: 3000 } }, path).catch(() => {});
  });

  it('a refused asset is named in the warnings', async () => {
    const { text, warnings } = await print({
      html: `<p>marker</p><img src="http://127.0.0.1:${canary.port}/x.png">`,
    });
    expect(text).toContain('marker');
    expect(warnings.map(({ code }) => code)).toContain('resource_blocked');
  });

  it('a page at a private address is refused as such', async () => {
    const opened = print({ url: `http://127.0.0.1:${canary.port}/` });
    await expect(opened).rejects.toMatchObject({ code: 'url_forbidden' });
  });
});

describe('no file of the machine lands in a PDF', () => {
  const sentinel = join(folder, 'secret.txt');
  const text = 'SENTINEL-OF-THE-TEST';

  beforeAll(() => writeFileSync(sentinel, text));

  it.each([
    `<iframe src="file://${sentinel}"></iframe>`,
    `<object data="file://${sentinel}"></object>`,
    `<embed src="file://${sentinel}">`,
    `<img src="file://${sentinel}">`,
    `<link rel="stylesheet" href="file://${sentinel}">`,
    `<script>fetch('file://${sentinel}').then((r) => r.text()).then((t) => document.body.append(t))</script>`,
    `<iframe src="view-source:file://${sentinel}"></iframe>`,
    `<script>location = 'file://${sentinel}'</script>`,
  ])('%s', async (html) => {
    const printed = await print({ html: `<p>marker</p>${html}`, wait: { delay_ms: 100 } });
    expect(printed.text).not.toContain(text);
    const path = await zip('file', { 'index.html': `<p>marker</p>${html}` });
    const bundled = await print({ wait: { delay_ms: 100 } }, path).catch(() => ({ text: '' }));
    expect(bundled.text).not.toContain(text);
  });

  it('a ZIP with a path that climbs out is refused', async () => {
    const bytes = readFileSync(await zip('climb', { 'index.html': 'x', 'aa/secret.txt': 'y' }));
    const path = join(folder, 'climb-out.zip');
    writeFileSync(path, bytes.toString('latin1').replaceAll('aa/secret', '../secret'), 'latin1');
    await expect(print({}, path)).rejects.toMatchObject({ code: 'corrupt_input' });
  });
});

describe('a document that never ends is ended', () => {
  const endless: Record<string, string> = {
    'a loop': '<script>while (true) {}</script>',
    microtasks: '<script>const f = () => Promise.resolve().then(f); f()</script>',
    alerts: '<script>for (;;) alert(1)</script>',
    'growing memory':
      '<script>const a = []; while (true) a.push(new Array(1e6).fill(Math.random()))</script>',
    'a huge regular expression': '<script>/(a+)+$/.test("a".repeat(40) + "b")</script>',
    'a loop after load': '<script>onload = () => { while (true) {} }</script>',
  };

  it.each(Object.entries(endless))('%s', async (_name, html) => {
    const startedAt = performance.now();
    const failed = await print({ html }, undefined, 4_000).then(
      () => 'printed',
      (error: { code?: string; name?: string }) => error.code ?? error.name,
    );
    expect(['tool_timeout', 'input_too_complex', 'engine_crashed', 'printed']).toContain(failed);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('a neighbour prints all the while', async () => {
    const loop = print({ html: endless['a loop'] }, undefined, 5_000).catch(() => 'ended');
    const { text } = await print({ html: '<p>neighbour</p>' });
    expect(text).toContain('neighbour');
    await loop;
  });
});

describe('a job finds nothing of the job before it', () => {
  it('neither globals nor timers nor storage', async () => {
    await print({
      html: '<script>window.secret = 1; setInterval(() => { document.title = "x" }, 1); try { localStorage.s = 1 } catch {}; name = "left"</script>',
    });
    const { text } = await print({
      html: '<p id="o"></p><script>let s = ""; try { s = localStorage.s + document.cookie } catch {}; o.textContent = JSON.stringify({ secret: typeof window.secret, s, name })</script>',
    });
    expect(text.replace(/\s/g, '')).toContain('{"secret":"undefined","s":"","name":""}');
  });

  it('no host name and no private address of this machine', async () => {
    const { text } = await print({
      html: `<pre id="o"></pre><script>
        const c = new RTCPeerConnection(); const seen = [];
        c.onicecandidate = (e) => e.candidate && seen.push(e.candidate.candidate);
        c.createDataChannel('x'); c.createOffer().then((o) => c.setLocalDescription(o));
        setTimeout(() => { o.textContent = JSON.stringify(seen) + navigator.userAgent; window.done = true }, 300)
      </script>`,
      wait: { expression: 'window.done === true', timeout_ms: 3000 },
    });
    expect(text).not.toMatch(/\b(10|127|172|192)\.\d+\.\d+\.\d+ \d+ typ host/);
  });
});

describe('a crash costs one job at most', () => {
  it.each(['about:crash', 'chrome://crash', 'chrome://settings'])('%s', async (address) => {
    await print({ html: `<p>x</p><script>location = '${address}'</script>` }).catch(() => {});
  });

  it('one browser of several is killed, and the work is done all the same', async () => {
    const printing = print({ html: '<p>survivor</p>', wait: { delay_ms: 1500 } });
    await expect.poll(() => engines.chromium.health().busy).toBe(1);
    const [pid] = execFileSync('pgrep', ['-P', String(process.pid), '-f', 'user-data-dir'], {
      encoding: 'utf8',
    }).split('\n');
    process.kill(Number(pid), 'SIGKILL');
    expect((await printing).text).toContain('survivor');
  });
});
