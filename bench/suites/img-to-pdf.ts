import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { createEngines } from '../../media-service/src/testing/create-engines.ts';
import { testJob } from '../../media-service/src/testing/test-job.ts';
import { runImgToPdf } from '../../media-service/src/tools/img-to-pdf/run.ts';
import { apiMeter, type Bench, keyOf } from '../bench.ts';
import { loadPhotoPngs } from '../inputs/photo-pngs.ts';
import { loadPhotos } from '../inputs/photos.ts';
import { type Contestant, type Load, medianRate, ratioOf, runRounds } from '../measure.ts';
import { createMeter } from '../process-usage.ts';
import { atLeast, atMost, createRow, type Row } from '../rows.ts';
import { concatenate, printByPdfKit } from '../yardsticks/bare-pdf.ts';

const suite = 'img-to-pdf';
const pageCount = 20;

/** Photographs on pages: the tool itself, its way through the API, `cat`, and PDFKit. */
export async function benchImgToPdf(bench: Bench): Promise<Row[]> {
  const photos = (await loadPhotos(bench.inputFolder)).map(({ path }) => path);
  const jpegs = Array.from(
    { length: pageCount },
    (_, index) => photos[index % photos.length] ?? '',
  );
  const pngs = await loadPhotoPngs(bench.inputFolder);
  const engines = createEngines();
  const target = join(bench.folder, 'images.pdf');
  const contestant = (requests: number, call: () => Promise<void>): Contestant => ({
    concurrency: 1,
    requests,
    meter: createMeter(),
    call,
  });
  const loads = await runRounds(
    {
      jpeg: contestant(4, () => assemble(engines, jpegs, 'jpg')),
      cat: contestant(4, () => concatenate(jpegs, target)),
      png: contestant(3, () => assemble(engines, pngs, 'png')),
      pdfkit: contestant(1, () => printByPdfKit(pngs, target)),
      api: {
        concurrency: 1,
        requests: 2,
        meter: apiMeter(bench),
        call: (index) => post(bench, keyOf(bench, index), jpegs),
      },
    },
    bench.rounds,
    bench.say,
  );
  const { api = [], cat = [], jpeg = [], pdfkit = [], png = [] } = loads;
  return [
    createRow({
      suite,
      name: 'Images: 20 JPEGs into a PDF, time vs cat',
      figure: ratioOf(cat, jpeg),
      bound: atMost(2),
      detail: `${milliseconds(jpeg)} against ${milliseconds(cat)}`,
      note: 'The tool by itself, without the way of the files through the API.',
    }),
    createRow({
      suite,
      name: "Images: PNGs of 12 MP vs PDFKit's own path",
      figure: ratioOf(png, pdfkit),
      bound: atLeast(6),
      detail: `${milliseconds(png)} against ${milliseconds(pdfkit)} for ${pngs.length}`,
      note: 'The packed pixels are taken over; PDFKit unpacks and packs them.',
    }),
    createRow({
      suite,
      name: 'Images: 20 JPEGs through the API, time vs cat',
      figure: ratioOf(cat, api),
      detail: `${milliseconds(api)} against ${milliseconds(cat)}`,
      note: 'Upload, spool, types, hashes, and the answer included.',
    }),
  ];
}

async function assemble(
  engines: ReturnType<typeof createEngines>,
  paths: readonly string[],
  type: 'jpg' | 'png',
): Promise<void> {
  const job = testJob(
    'img-to-pdf',
    {},
    paths.map((path) => ({ path, type })),
  );
  try {
    await runImgToPdf(job, engines);
  } finally {
    job.remove();
  }
}

async function post(bench: Bench, key: string, paths: readonly string[]): Promise<void> {
  const form = new FormData();
  for (const path of paths) form.append('files', await openAsBlob(path), 'photo.jpg');
  const answer = await fetch(`${bench.stack.url}/api/v1/tools/img-to-pdf?cache=false`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: form,
  });
  const bytes = await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`img-to-pdf answered ${answer.status}: ${Buffer.from(bytes)}`);
}

const milliseconds = (loads: Load[]) => `${(1000 / medianRate(loads)).toFixed(0)} ms`;
