import { readFileSync } from 'node:fs';
import { estimateSchema } from '@nebula/contract/estimate';
import { type Job, jobSchema } from '@nebula/contract/job';
import type { ToolId } from '@nebula/contract/tools';
import { beforeAll, describe, expect, test } from 'vitest';
import { sampleOf } from '../../local/stack/samples.ts';
import { pdfFacts } from '../support/samples.ts';
import { api, newAccount } from '../support/stack.ts';

let key: string;
beforeAll(async () => {
  ({ key } = await newAccount({ plan: 'enterprise' }));
});

const unseen = { pages: null, width: null, height: null, duration: null };
const picture = (width: number, height: number) => ({ ...unseen, pages: 1, width, height });

/** What the files of a sample are seen to be, and what they become, as a single file or in a ZIP. */
type Sample = {
  brought: Partial<Job['input']['files'][number]>[];
  mime: string;
  outputs: number;
  first: Partial<Job['files'][number]>;
};

const samples: Partial<Record<ToolId, Sample>> = {
  'html-to-pdf': {
    brought: [unseen],
    mime: 'application/pdf',
    outputs: 1,
    first: { pages: 2 },
  },
  'word-to-pdf': {
    brought: [{ ...unseen, pages: 2, width: 595, height: 842 }],
    mime: 'application/pdf',
    outputs: 1,
    first: { width: 595, height: 842 },
  },
  'img-to-pdf': {
    brought: [picture(1283, 796), picture(1283, 796), picture(1283, 796)],
    mime: 'application/pdf',
    outputs: 1,
    first: { pages: 3 },
  },
  'pdf-to-images': {
    brought: [{ ...unseen, pages: 3, width: 420, height: 595 }],
    mime: 'application/zip',
    outputs: 3,
    first: { page: 1, mime: 'image/png' },
  },
  'image-resize': {
    brought: [picture(1600, 1000)],
    mime: 'image/webp',
    outputs: 1,
    first: { width: 800 },
  },
  'video-compress': {
    brought: [{ ...unseen, width: 1280, height: 720, duration: 6 }],
    mime: 'video/mp4',
    outputs: 1,
    first: { codec: 'h264' },
  },
  'image-match': {
    brought: [picture(900, 562), picture(1140, 760), picture(585, 382), picture(900, 600)],
    mime: 'application/zip',
    outputs: 4,
    first: { mime: 'application/json' },
  },
};

/** Sends the bundled sample of a tool with the options of its example. */
function send(id: ToolId, { path = '', accept = '*/*' } = {}): Promise<Response> {
  const { files, options, tool } = sampleOf(id);
  const form = new FormData();
  for (const [name, value] of Object.entries(options))
    form.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  for (const { field, path: file } of files)
    form.append(field, new Blob([readFileSync(file)]), 'in');
  return fetch(`${api}/tools/${id}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, accept, ...(tool.isLong && { prefer: 'wait=60' }) },
    body: form,
  });
}

describe.each(Object.entries(samples))('the sample of %s', (tool, sample) => {
  const id = tool as ToolId;
  const { brought, first, mime, outputs } = sample;

  test('is estimated with as many outputs as it has', async () => {
    const response = await send(id, { path: '/estimate' });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    const said = estimateSchema.strict().parse(JSON.parse(text));
    expect(said).toMatchObject({ tool: id, outputs, units: 1 });
    expect(said.predicted.bytes).toBeGreaterThan(0);
  });

  test('comes back as the file itself', async () => {
    const response = await send(id);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.status, bytes.toString('latin1', 0, 300)).toBe(200);
    expect(response.headers.get('content-type')).toBe(mime);
    expect(response.headers.get('content-disposition')).toContain('attachment');
    if (mime === 'application/pdf') expect(pdfFacts(bytes).pages).toBeGreaterThan(0);
    else expect(bytes.length).toBeGreaterThan(1000);
  });

  test('comes back as a job with all that is known of its inputs and outputs', async () => {
    const response = await send(id, { accept: 'application/json' });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    const job = jobSchema.strict().parse(JSON.parse(text));
    expect(job).toMatchObject({ tool: id, status: 'succeeded' });
    expect(job.files).toHaveLength(outputs);
    expect(job.input.files).toMatchObject(brought);
    for (const input of job.input.files) expect(input.mime).toMatch(/^\w+\/\S+$/);
    expect(job.files[0]).toMatchObject(first);
    const loaded = await fetch(job.files[0]?.url ?? '');
    expect(Buffer.from(await loaded.arrayBuffer()).length).toBe(job.files[0]?.size);
  });
});

test('a video says size, length, pictures and likeness over the API', async () => {
  const response = await send('video-compress', { accept: 'application/json' });
  const { files, options_effective: used } = jobSchema.parse(await response.json());
  expect(files[0]).toMatchObject({ height: expect.any(Number), fps: expect.any(Number) });
  expect(files[0]?.duration).toBeGreaterThan(1);
  expect(used).toMatchObject({ crf: 23, preset: 'balanced', quality: { metric: 'ssim' } });
  expect(Number((used.quality as { score: number }).score)).toBeGreaterThan(0.9);
});
