import { createWriteStream, existsSync, mkdirSync, openAsBlob, readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Tool } from '@nebula/contract/tool';
import { type ToolId, tools } from '@nebula/contract/tools';
import { root } from './stack.ts';

/** A bundled input of a tool: the files in `samples/<tool>/`, or the declaration's own example. */
export type Sample = {
  tool: Tool;
  options: Record<string, unknown>;
  files: { field: string; path: string }[];
  file: string;
};

/** A result on disk: its path from here, milliseconds of the whole call, bytes. */
export type Converted = { path: string; milliseconds: number; bytes: number };

export function sampleOf(id: ToolId): Sample {
  const tool: Tool = tools[id];
  const folder = join(root, 'samples', id);
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const { field, list, maxFiles } = tool.source;
  const files = names.map((name, at) => ({
    field: list && at >= maxFiles ? list.field : field,
    path: join(folder, name),
  }));
  const { html: _html, url: _url, data: _data, ...options } = tool.example;
  return {
    tool,
    files,
    options: files.length > 0 ? options : tool.example,
    file: relative(process.cwd(), files[0]?.path ?? ''),
  };
}

/** Converts a sample through the public API and keeps the result in a folder. */
export async function convertSample({
  url,
  apiKey,
  sample: { files, options, tool },
  folder,
}: {
  url: string;
  apiKey: string;
  sample: Sample;
  folder: string;
}): Promise<Converted> {
  const form = new FormData();
  form.append('cache', 'false');
  for (const [name, value] of Object.entries(options)) {
    form.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  for (const { field, path } of files) form.append(field, await openAsBlob(path), basename(path));
  const startedAt = performance.now();
  const response = await fetch(`${url}/api/v1/tools/${tool.id}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, ...(tool.isLong && { prefer: 'wait=60' }) },
    body: form,
  });
  if (response.status !== 200 || !response.body)
    throw new Error(`${tool.id} answered ${response.status}: ${await response.text()}`);
  const extension = response.headers.get('content-disposition')?.match(/\.(\w+)"/)?.[1] ?? 'bin';
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${tool.id}.${extension}`);
  const file = createWriteStream(path);
  await pipeline(Readable.fromWeb(response.body as never), file);
  const milliseconds = Math.round(performance.now() - startedAt);
  return { path: relative(process.cwd(), path), milliseconds, bytes: file.bytesWritten };
}
