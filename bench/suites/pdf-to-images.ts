import { existsSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileTypes } from '@nebula/contract/file-types';
import { Pool } from 'undici';
import { apiMeter, type Bench, keyOf } from '../bench.ts';
import { brochureRecipe, drawBrochure } from '../inputs/brochure.ts';
import {
  type Contestant,
  type Load,
  medianRate,
  ratioOf,
  runRounds,
  summarize,
} from '../measure.ts';
import { createMeter, describeUsage } from '../process-usage.ts';
import { atLeast, atMost, createRow, type Row } from '../rows.ts';
import { renderBare } from '../yardsticks/bare-ghostscript.ts';

const suite = 'pdf-to-images';

/** A brochure of twenty pages through the public API, and through one Ghostscript process. */
export async function benchPdfToImages(bench: Bench): Promise<Row[]> {
  const client = new Pool(bench.stack.url, { connections: 1 });
  const folder = join(bench.folder, 'gs-pages');
  const sizes = { png: 0, barePng: 0 };
  try {
    const path = await loadBrochure(bench, client);
    const pdf = await readFile(path);
    const ask = (query: string) => (index: number) =>
      post(client, keyOf(bench, index), `pdf-to-images?cache=false&${query}`, pdf, 'pdf');
    const api = (call: (index: number) => Promise<void>): Contestant => ({
      concurrency: 1,
      requests: 3,
      meter: apiMeter(bench),
      call,
    });
    const bare = (call: () => Promise<void>): Contestant => ({
      concurrency: 1,
      requests: 2,
      meter: createMeter(),
      call,
    });
    const loads = await runRounds(
      {
        png: api(async (index) => {
          sizes.png = (await ask('format=png&dpi=150')(index)).length;
        }),
        barePng: bare(async () => {
          sizes.barePng = await renderBare(path, folder, 'png16m');
        }),
        jpg: api(async (index) => {
          await ask('format=jpg&dpi=150&quality=85')(index);
        }),
        bareJpg: bare(async () => {
          await renderBare(path, folder, 'jpeg');
        }),
        first: api(async (index) => {
          await ask('format=png&dpi=150&pages=1')(index);
        }),
      },
      bench.rounds,
      bench.say,
    );
    const { png = [], barePng = [], jpg = [], bareJpg = [], first = [] } = loads;
    return [
      row('PDF pages: PNG, API vs one gs png16m', png, barePng, 2.2),
      createRow({
        suite,
        name: 'PDF pages: PNG, bytes of the pages vs png16m',
        figure: summarize([sizes.png / sizes.barePng]),
        bound: atMost(1.05),
        detail: `${megabytes(sizes.png)} as a ZIP against ${megabytes(sizes.barePng)}`,
        note: 'The filter is chosen for each page: none for text, adaptive for photographs.',
      }),
      row('PDF pages: JPEG, API vs one gs jpeg', jpg, bareJpg, 1.6),
      createRow({
        suite,
        name: 'PDF pages: time of the first page alone vs all pages',
        figure: ratioOf(png, first),
        bound: atMost(0.15),
        detail: `${milliseconds(first)} against ${milliseconds(png)}`,
        note: 'Ghostscript is started and the document opened for each call.',
      }),
    ];
  } finally {
    await client.destroy();
  }
}

function row(name: string, ours: Load[], theirs: Load[], bound: number): Row {
  return createRow({
    suite,
    name: `${name} (c=1)`,
    figure: ratioOf(ours, theirs),
    bound: atLeast(bound),
    detail: `${milliseconds(ours)} against ${milliseconds(theirs)} a document`,
    note: `CPU ms a request: ${describeUsage(ours.map(({ cpu }) => cpu))}.`,
  });
}

const milliseconds = (loads: Load[]) => `${(1000 / medianRate(loads)).toFixed(0)} ms`;
const megabytes = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(1)} MB`;

/** The brochure as a PDF, printed once by the product itself. */
async function loadBrochure(bench: Bench, client: Pool): Promise<string> {
  const path = join(bench.inputFolder, `brochure-${brochureRecipe}.pdf`);
  if (!existsSync(path)) {
    const html = Buffer.from(await drawBrochure(bench.inputFolder));
    writeFileSync(path, await post(client, keyOf(bench, 0), 'html-to-pdf', html, 'html'));
  }
  return path;
}

async function post(
  client: Pool,
  key: string,
  call: string,
  body: Buffer,
  type: 'pdf' | 'html',
): Promise<Uint8Array> {
  const answer = await client.request({
    method: 'POST',
    path: `/api/v1/tools/${call}`,
    headers: { authorization: `Bearer ${key}`, 'content-type': fileTypes[type].mime },
    body,
  });
  const bytes = await answer.body.bytes();
  if (answer.statusCode !== 200)
    throw new Error(`${call} answered ${answer.statusCode}: ${Buffer.from(bytes)}`);
  return bytes;
}
