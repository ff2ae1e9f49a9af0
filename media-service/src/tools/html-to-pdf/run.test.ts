import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileType } from '@nebula/contract/file-types';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import type { Engines } from '../../engines/engines.ts';
import { createEngines } from '../../testing/create-engines.ts';
import { testJob } from '../../testing/test-job.ts';
import { runHtmlToPdf } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'nebula-pdf-'));
const seen: IncomingMessage[] = [];
let engines: Engines;
let site: Server;
let origin = '';

beforeAll(async () => {
  site = createServer((request, response) => {
    seen.push(request);
    const page = request.url === '/fails' ? 500 : request.url?.startsWith('/missing') ? 404 : 200;
    response.statusCode = page;
    response.setHeader('content-type', request.url?.endsWith('.css') ? 'text/css' : 'text/html');
    if (request.url === '/style.css') return response.end('p { color: rgb(200, 0, 0) }');
    if (request.url === '/secret' && !request.headers.authorization) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' });
      return response.end('locked');
    }
    response.end(
      `<link rel="stylesheet" href="/style.css"><p>served ${request.url} ${request.headers.cookie ?? ''} ${request.headers['x-mine'] ?? ''}</p>`,
    );
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const { port } = site.address() as AddressInfo;
  origin = `http://site.test:${port}`;
  engines = createEngines({
    EGRESS_ALLOW: `site.test:${port}=127.0.0.1`,
    EGRESS_PORTS: `80,443,${port}`,
  });
  await engines.chromium.start();
});

afterAll(async () => {
  await engines.chromium.stop();
  site.closeAllConnections();
  site.close();
  rmSync(folder, { recursive: true, force: true });
});

let printed = 0;

async function print(options: Record<string, unknown>, file?: { path: string; type: FileType }) {
  const job = testJob('html-to-pdf', options, file ? [file] : []);
  try {
    const { files, optionsEffective } = await runHtmlToPdf(job, engines);
    const path = join(folder, `out-${printed++}.pdf`);
    const data = readFileSync(files[0]?.path ?? '');
    writeFileSync(path, data);
    const codes = job.warnings.map(({ code }) => code);
    return { path, data, pages: files[0]?.pages, codes, warnings: job.warnings, optionsEffective };
  } finally {
    job.remove();
  }
}

const textOf = (path: string, ...args: string[]) =>
  execFileSync('pdftotext', [...args, '-layout', path, '-'], { encoding: 'utf8' });

function infoOf(path: string, ...args: string[]): Record<string, string> {
  const lines = execFileSync('pdfinfo', [...args, path], { encoding: 'utf8' }).split('\n');
  return Object.fromEntries(
    lines.map((line) => [line.split(':')[0], line.slice(line.indexOf(':') + 1).trim()]),
  );
}

/** Colour of a point of the first page, in per cent of its sides. */
async function colorAt(path: string, x: number, y: number): Promise<number[]> {
  const png = execFileSync('pdftoppm', ['-r', '40', '-f', '1', '-l', '1', '-png', path], {
    maxBuffer: 1e8,
  });
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const at =
    (Math.floor((info.height * y) / 100) * info.width + Math.floor((info.width * x) / 100)) *
    info.channels;
  return [...data.subarray(at, at + 3)];
}

const threePages =
  '<style>div { break-after: page }</style><div>first</div><div>second</div><p>third</p>';

describe('paper', () => {
  it.each([
    [{}, '595.92 x 841.92 pts (A4)'],
    [{ page_size: 'Letter' }, '612 x 792 pts (letter)'],
    [{ page_size: 'A6' }, '298.08 x 420'],
    [{ landscape: true }, '841.92 x 595.92 pts (A4)'],
    [{ width: '100mm', height: '50mm' }, '283.92 x 142.08'],
  ])('%j', async (options, size) => {
    const { path, pages } = await print({ html: '<p>x</p>', ...options });
    expect(infoOf(path)['Page size']).toContain(size);
    expect(pages).toBe(1);
  });

  it('margins move the text, and scale its size', async () => {
    const wide = await print({ html: '<p>mark</p>', margin: { left: '60mm' } });
    const box = (path: string) =>
      Number(
        /xMin="([\d.]+)"[^>]*>mark/.exec(
          execFileSync('pdftotext', ['-bbox', path, '-'], { encoding: 'utf8' }),
        )?.[1],
      );
    const near = await print({ html: '<p>mark</p>' });
    expect(box(wide.path) - box(near.path)).toBeGreaterThan(120);
  });

  it('the style sheet decides the paper when it may', async () => {
    const html = '<style>@page { size: 200px 300px }</style>x';
    const { path } = await print({ html, prefer_css_page_size: true });
    expect(infoOf(path)['Page size']).toContain('150 x 224.88');
  });

  it('single_page puts a long document on one page', async () => {
    const { pages, path } = await print({
      html: '<div style="height: 4000px">top</div><p>bottom</p>',
      single_page: true,
    });
    expect(pages).toBe(1);
    expect(textOf(path)).toContain('bottom');
    expect(Number(/x ([\d.]+)/.exec(infoOf(path)['Page size'] ?? '')?.[1])).toBeGreaterThan(2900);
  });
});

describe('look', () => {
  it('backgrounds are printed, unless they are switched off', async () => {
    const html = '<body style="background: rgb(0, 120, 0)">x';
    expect(await colorAt((await print({ html })).path, 50, 50)).toEqual([0, 120, 0]);
    const { path } = await print({ html, print_background: false });
    expect(await colorAt(path, 50, 50)).toEqual([255, 255, 255]);
  });

  it('media and color_scheme reach the style sheet', async () => {
    const html =
      '<style>@media screen { p::after { content: "screened" } } @media (prefers-color-scheme: dark) { p::before { content: "darkened" } }</style><p></p>';
    const { path } = await print({ html, media: 'screen', color_scheme: 'dark' });
    expect(textOf(path)).toMatch(/darkened.*screened/);
    expect(textOf((await print({ html })).path)).not.toMatch(/darkened|screened/);
  });

  it('fonts are embedded', async () => {
    const { path } = await print({ html: '<p style="font-family: Carlito">Grüße ₹ 你好</p>' });
    const fonts = execFileSync('pdffonts', [path], { encoding: 'utf8' });
    expect(fonts).toContain('Carlito');
    expect(
      fonts
        .split('\n')
        .slice(2)
        .filter(Boolean)
        .every((line) => / yes /.test(line)),
    ).toBe(true);
    expect(textOf(path)).toContain('你好');
  });
});

describe('headers and footers', () => {
  it('repeat on each page with its number, and stay away where they should', async () => {
    const { path } = await print({
      html: threePages,
      header: {
        html: '<b>HEAD <span class="pageNumber"></span>/<span class="totalPages"></span></b>',
        start_page: 2,
      },
      footer: { html: 'FOOT', first_page_html: 'COVER' },
    });
    const page = (number: number) => textOf(path, '-f', String(number), '-l', String(number));
    expect(page(1)).not.toContain('HEAD');
    expect(page(1)).toContain('COVER');
    expect(page(2)).toMatch(/HEAD 2\/3[\s\S]*FOOT/);
    expect(page(3)).toMatch(/HEAD 3\/3[\s\S]*FOOT/);
    expect(infoOf(path).Pages).toBe('3');
  });
});

describe('pages', () => {
  it.each([
    ['2', ['second']],
    ['2-', ['second', 'third']],
    ['odd', ['first', 'third']],
    ['!2', ['first', 'third']],
    ['last', ['third']],
  ])('%s', async (pages, kept) => {
    const result = await print({ html: threePages, pages });
    expect(textOf(result.path).split(/\s+/).filter(Boolean)).toEqual(kept);
    expect(result.pages).toBe(kept.length);
  });

  it('a page past the end says how many there are', async () => {
    await expect(print({ html: threePages, pages: '2,7' })).rejects.toMatchObject({
      code: 'page_out_of_range',
      details: { extra: { page_count: 3 } },
    });
  });
});

describe('waiting', () => {
  it('for a selector, an expression and a delay', async () => {
    const html =
      '<script>setTimeout(() => { document.body.innerHTML = "<p id=late>late</p>"; window.ready = true }, 300)</script>';
    for (const wait of [
      { selector: '#late' },
      { expression: 'window.ready === true' },
      { delay_ms: 800 },
    ])
      expect(textOf((await print({ html, wait })).path)).toContain('late');
  });

  it('what does not come in time is a warning', async () => {
    const { codes, path } = await print({
      html: '<p>here</p>',
      wait: { selector: '#never', timeout_ms: 300 },
    });
    expect(codes).toContain('wait_timed_out');
    expect(textOf(path)).toContain('here');
  });
});

describe('what is added and left out', () => {
  it('css and javascript are injected', async () => {
    const { path } = await print({
      html: '<p>old</p>',
      css: 'p::after { content: "styled" }',
      javascript: 'document.querySelector("p").prepend("scripted ")',
    });
    expect(textOf(path)).toMatch(/scripted old.*styled/);
  });

  it('javascript_enabled false runs no script of the page', async () => {
    const { path } = await print({
      html: '<p>still</p><script>document.body.innerHTML = "changed"</script>',
      javascript_enabled: false,
    });
    expect(textOf(path)).toContain('still');
  });

  it('a document that is tagged and has an outline', async () => {
    const { path } = await print({ html: '<h1>One</h1><h2>Two</h2>', outline: true });
    expect(infoOf(path).Tagged).toBe('yes');
    expect(readFileSync(path, 'latin1')).toContain('/Outlines');
    expect(infoOf((await print({ html: '<h1>One</h1>', tagged: false })).path).Tagged).toBe('no');
  });

  it('metadata', async () => {
    const { path } = await print({
      html: 'x',
      metadata: { title: 'Tést', author: 'Me', subject: 'S', keywords: ['a', 'b'] },
    });
    expect(infoOf(path)).toMatchObject({ Title: 'Tést', Author: 'Me', Subject: 'S' });
  });

  it('encryption opens with its password only', async () => {
    const { path } = await print({
      html: 'secret',
      encrypt: { user: 'open me', owner: 'own me', allow: ['print'] },
    });
    expect(() => infoOf(path)).toThrow();
    expect(infoOf(path, '-upw', 'open me').Encrypted).toMatch(/print:yes copy:no.*AES-256/);
  });
});

describe('pages of the web', () => {
  it('are opened with their style, cookies, headers and user agent', async () => {
    const { codes, path } = await print({
      url: `${origin}/page`,
      cookies: [{ name: 'who', value: 'me' }],
      headers: { 'X-Mine': 'yes' },
      user_agent: 'Nebula-Test',
    });
    expect(textOf(path)).toContain('served /page who=me yes');
    expect(seen.some((request) => request.headers['user-agent'] === 'Nebula-Test')).toBe(true);
    expect(codes).toEqual([]);
  });

  it('are unlocked with basic_auth', async () => {
    const { path } = await print({
      url: `${origin}/secret`,
      basic_auth: { username: 'u', password: 'p' },
    });
    expect(textOf(path)).toContain('served /secret');
  });

  it('that fail are printed with a warning, or fail the run', async () => {
    expect((await print({ url: `${origin}/fails` })).codes).toContain('resource_failed');
    await expect(
      print({ url: `${origin}/fails`, fail_on: { http_status: true } }),
    ).rejects.toMatchObject({ code: 'resource_failed' });
  });

  it('assets that are missing are a warning, or fail the run', async () => {
    const html = `<p>x</p><img src="${origin}/missing.png">`;
    expect((await print({ html })).codes).toEqual(['resource_failed']);
    await expect(print({ html, fail_on: { resources: true } })).rejects.toMatchObject({
      code: 'resource_failed',
    });
    await expect(
      print({ html: '<script>throw new Error("boom")</script>', fail_on: { console: true } }),
    ).rejects.toMatchObject({ code: 'resource_failed' });
  });

  it('assets can be blocked by kind and by address', async () => {
    const before = seen.length;
    await print({
      url: `${origin}/page`,
      block: { types: ['stylesheet'], patterns: ['*nothing*'] },
    });
    expect(seen.slice(before).map(({ url }) => url)).not.toContain('/style.css');
  });

  it('a name that does not exist says so', async () => {
    await expect(print({ url: 'http://nowhere.invalid/' })).rejects.toMatchObject({
      code: expect.stringMatching(/resource_failed|url_forbidden/),
    });
  });
});

describe('files', () => {
  it('an .html file', async () => {
    const path = join(folder, 'in.html');
    writeFileSync(path, '<!doctype html><meta charset="utf-8"><p>from a file: é</p>');
    expect(textOf((await print({}, { path, type: 'html' })).path)).toContain('from a file: é');
  });

  it('a zipped site with its assets', async () => {
    const archive = new ZipFile();
    archive.addBuffer(
      Buffer.from('<link rel="stylesheet" href="css/a.css"><img src="dot.png"><p>zipped</p>'),
      'index.html',
    );
    archive.addBuffer(Buffer.from('body { background: rgb(0, 0, 200) }'), 'css/a.css');
    archive.addBuffer(
      await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
      'dot.png',
    );
    archive.end();
    const chunks: Buffer[] = [];
    for await (const chunk of archive.outputStream) chunks.push(chunk as Buffer);
    const path = join(folder, 'site.zip');
    writeFileSync(path, Buffer.concat(chunks));
    const result = await print({}, { path, type: 'zip' });
    expect(textOf(result.path)).toContain('zipped');
    expect(await colorAt(result.path, 50, 60)).toEqual([0, 0, 200]);
    expect(
      execFileSync('pdfimages', ['-list', result.path], { encoding: 'utf8' }).split('\n').length,
    ).toBeGreaterThan(3);
  });
});

describe('the result', () => {
  it('is the same byte for byte, in a fresh page and in one that was used', async () => {
    const html = readFileSync(
      join(import.meta.dirname, '../../../../samples/html-to-pdf/invoice.html'),
      'utf8',
    );
    const [first, ...others] = [
      await print({ html }),
      await print({ html }),
      await print({ html }),
      await print({ html }),
    ];
    for (const other of others) expect(other.data.equals(first.data)).toBe(true);
  });

  it('says which options were used, and hides secrets', async () => {
    const { optionsEffective } = await print({ html: 'x', encrypt: { owner: 'very secret' } });
    expect(optionsEffective).toMatchObject({ page_size: 'A4', print_background: true });
    expect(JSON.stringify(optionsEffective)).not.toContain('very secret');
  });
});
