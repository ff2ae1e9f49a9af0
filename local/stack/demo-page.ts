import { execFileSync } from 'node:child_process';
import { existsSync, openAsBlob, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Converted, Sample } from './samples.ts';
import { root } from './stack.ts';

export type DemoRow = { sample: Sample } & (Converted | { error: string });

type Place = { url: string; apiKey: string; folder: string };

/** Draws what went in and what came out of every tool; the page stands alone, pictures and all. */
export async function writeDemoPage(rows: DemoRow[], place: Place): Promise<string> {
  const cards = [];
  for (const row of rows) cards.push(await drawCard(row, place));
  const page = join(place.folder, 'index.html');
  await writeFile(page, `${head}<main>${cards.join('\n')}</main>`);
  return page;
}

async function drawCard(row: DemoRow, place: Place): Promise<string> {
  const { files, options, tool } = row.sample;
  const title = `<h2>${tool.title}</h2><p>${escapeHtml(tool.summary)}</p><code>${tool.id} ${escapeHtml(JSON.stringify(options)).slice(0, 160)}</code>`;
  if ('error' in row)
    return `<section>${title}<p class="bad">${escapeHtml(row.error)}</p></section>`;
  const inputs = files.slice(0, 4).map(({ path }) => draw(path, place));
  const facts = `${basename(row.path)} · ${Math.ceil(row.bytes / 1024)} kB · ${row.milliseconds} ms`;
  const output = await draw(join(root, row.path), place);
  return `<section>${title}<div class="pair"><figure>${(await Promise.all(inputs)).join('')}<figcaption>In</figcaption></figure><figure>${output}<figcaption>${facts}</figcaption></figure></div></section>`;
}

/** A file as something to look at: pictures and films themselves, documents by their first page. */
async function draw(path: string, place: Place): Promise<string> {
  const extension = path.split('.').at(-1) ?? '';
  const mime = pictures[extension];
  if (mime) return `<img alt="" src="${dataUri(readFileSync(path), mime)}">`;
  if (extension === 'mp4')
    return `<video controls muted src="${dataUri(readFileSync(path), 'video/mp4')}"></video>`;
  if (extension === 'pdf') {
    const page = await firstPage(path, place);
    return page ? `<img alt="" src="${dataUri(page, 'image/jpeg')}">` : label(path);
  }
  if (extension === 'zip') return drawZip(path);
  if (extension === 'json' || extension === 'html') return drawText(readFileSync(path, 'utf8'));
  return label(path);
}

const pictures: Record<string, string> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
};

const drawText = (text: string) => `<pre>${escapeHtml(text.slice(0, 1500))}</pre>`;
const dataUri = (bytes: Buffer, mime: string) => `data:${mime};base64,${bytes.toString('base64')}`;
const label = (path: string) => `<span class="file">${escapeHtml(basename(path))}</span>`;

/** The product draws its own documents. */
async function firstPage(path: string, { apiKey, url }: Place): Promise<Buffer | undefined> {
  const form = new FormData();
  form.append('file', await openAsBlob(path), 'document.pdf');
  for (const [name, value] of Object.entries({ pages: '1', format: 'jpg', width: '640' }))
    form.append(name, value);
  const response = await fetch(`${url}/api/v1/tools/pdf-to-images`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}` },
    body: form,
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return response.ok ? bytes : undefined;
}

/** The pictures of a ZIP; Python, which is there for OpenCV, opens it. */
function drawZip(path: string): string {
  const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
  const script =
    'import base64,json,sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nprint(json.dumps([[n,base64.b64encode(z.read(n)).decode()] for n in z.namelist()[:4]]))';
  const output = execFileSync(python, ['-c', script, path], { maxBuffer: 256 * 1024 * 1024 });
  return (JSON.parse(output.toString()) as [string, string][])
    .map(([name, base64]) => {
      const extension = name.split('.').at(-1) ?? '';
      const mime = pictures[extension];
      if (extension === 'json') return drawText(Buffer.from(base64, 'base64').toString());
      return mime ? `<img alt="" src="data:${mime};base64,${base64}">` : label(name);
    })
    .join('');
}

const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const head = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>NebulaAPI: every tool once</title>
<style>
:root{color-scheme:light dark;--ink:light-dark(#14161f,#eceef6);--soft:light-dark(#5a6072,#a2a8bb);--line:light-dark(#e2e5ee,#2c3040);--surface:light-dark(#fff,#171a26);--page:light-dark(#f5f6fa,#0f111a)}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{display:grid;gap:20px;max-width:1080px;margin:0 auto;padding:32px 16px}
main::before{content:"Every tool, once";font-size:28px;font-weight:650}
section{background:var(--surface);border:1px solid var(--line);border-radius:14px;padding:20px;min-width:0}
h2{margin:0;font-size:19px}p{margin:4px 0 8px;color:var(--soft)}code{font-size:12px;color:var(--soft);overflow-wrap:anywhere}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:16px;margin-top:14px}
figure{margin:0;display:flex;flex-wrap:wrap;gap:8px;align-content:start;min-width:0}
img,video{max-width:100%;max-height:420px;border:1px solid var(--line);border-radius:8px;background:#fff}
figure:has(img:nth-of-type(2)) img{max-width:calc(50% - 6px)}
figcaption{flex-basis:100%;font-size:13px;color:var(--soft)}pre{margin:0;max-width:100%;max-height:380px;overflow:auto;font-size:12px;border:1px solid var(--line);border-radius:8px;padding:10px}
.file{border:1px dashed var(--line);border-radius:8px;padding:24px}.bad{color:light-dark(#b42318,#ff9d92)}
</style>`;
