import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from 'undici';
import { apiMeter, type Bench, keyOf } from '../bench.ts';
import { loadPhotos, type Photo, photoHeight, photoWidth } from '../inputs/photos.ts';
import { type Load, medianRate, ratioOf, runRounds } from '../measure.ts';
import { createMeter, describeUsage } from '../process-usage.ts';
import { atLeast, createRow, type Row } from '../rows.ts';
import { spawnResize } from '../yardsticks/spawn-resize.ts';
import { createWorkerPool } from '../yardsticks/worker-pool.ts';

const job = { width: 800, height: 600, quality: 80 };
const path = `/api/v1/tools/image-resize?width=${job.width}&quality=${job.quality}&cache=false`;
const python = '/usr/bin/python3';
const boundary = '----------------------------bench0123456789';

type Send = { body: Buffer; type: string };

/** 12 MP JPEGs to 800 pixels: a process each, bare workers, and the public API. */
export async function benchImageResize(bench: Bench): Promise<Row[]> {
  const photos = await loadPhotos(bench.inputFolder);
  const raw = photos.map(({ bytes }): Send => ({ body: bytes, type: 'image/jpeg' }));
  const forms = photos.map(toForm);
  const folder = join(bench.folder, 'resized');
  mkdirSync(folder, { recursive: true });
  const pool = await createWorkerPool(bench.root, python, 2);
  const client = new Pool(bench.stack.url, { connections: 4 });
  const pick = <T>(list: T[], index: number) => list[index % list.length] as T;
  const target = (index: number) => join(folder, `${index % 8}.jpg`);
  const resize = (index: number) => {
    const source = { path: pick(photos, index).path, width: photoWidth, height: photoHeight };
    return pool.resize(source, target(index), job);
  };
  const poolMeter = createMeter({ workers: () => pool.ids });
  try {
    const loads = await runRounds(
      {
        spawned: {
          concurrency: 2,
          requests: 8,
          meter: createMeter(),
          call: (index) => spawnResize(python, pick(photos, index).path, target(index), job),
        },
        pool2: { concurrency: 2, requests: 40, meter: poolMeter, call: resize },
        pool4: { concurrency: 4, requests: 60, meter: poolMeter, call: resize },
        raw: {
          concurrency: 4,
          requests: 60,
          meter: apiMeter(bench),
          call: (index) => post(client, keyOf(bench, 0), pick(raw, index)),
        },
        form: {
          concurrency: 4,
          requests: 60,
          meter: apiMeter(bench),
          call: (index) => post(client, keyOf(bench, 0), pick(forms, index)),
        },
      },
      bench.rounds,
      bench.say,
    );
    return [
      row(
        'Image: warm OpenCV workers vs a process per request (c=2)',
        loads.pool2,
        loads.spawned,
        8,
      ),
      row('Image: API, raw body, vs the bare workers (c=4)', loads.raw, loads.pool4, 0.85),
      row('Image: API, multipart, vs the bare workers (c=4)', loads.form, loads.pool4),
      row('Image: API, raw body (c=4), vs a process per request (c=2)', loads.raw, loads.spawned),
    ];
  } finally {
    pool.stop();
    await client.destroy();
  }
}

async function post(client: Pool, key: string, { body, type }: Send): Promise<void> {
  const answer = await client.request({
    method: 'POST',
    path,
    headers: { authorization: `Bearer ${key}`, 'content-type': type },
    body,
  });
  const { length } = await answer.body.bytes();
  const { 'content-type': made, 'x-nebula-width': width } = answer.headers;
  if (answer.statusCode !== 200 || made !== 'image/jpeg' || Number(width) !== job.width)
    throw new Error(
      `Expected a JPEG ${job.width} wide; received ${answer.statusCode}, ${made}, ${width}, ${length} bytes`,
    );
}

function toForm({ bytes }: Photo): Send {
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="photo.jpg"\r\ncontent-type: image/jpeg\r\n\r\n`;
  return {
    body: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
    type: `multipart/form-data; boundary=${boundary}`,
  };
}

function row(name: string, ours: Load[], theirs: Load[], bound?: number): Row {
  const usage = (loads: Load[]) => describeUsage(loads.map(({ cpu }) => cpu));
  return createRow({
    suite: 'image-resize',
    name,
    figure: ratioOf(ours, theirs),
    bound: bound === undefined ? undefined : atLeast(bound),
    detail: `${medianRate(ours).toFixed(1)} against ${medianRate(theirs).toFixed(1)} requests/s`,
    note: `CPU ms a request: ${usage(ours)}; yardstick: ${usage(theirs)}.`,
  });
}
