import { execFile } from 'node:child_process';
import { existsSync, openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { apiMeter, type Bench, keyOf } from '../bench.ts';
import { loadPhotos, photoHeight, photoWidth } from '../inputs/photos.ts';
import { type Load, medianRate, ratioOf, runRounds } from '../measure.ts';
import { createMeter, describeUsage } from '../process-usage.ts';
import { atLeast, atMost, type Bound, createRow, type Row } from '../rows.ts';
import { spawnMatch } from '../yardsticks/spawn-match.ts';
import { createWorkerPool } from '../yardsticks/worker-pool.ts';

const python = '/usr/bin/python3';
const methods = ['phash', 'ssim', 'histogram', 'features'];
const concurrency = 2;

/** Targets of one call of the API. */
const targets = 10;

/** The same comparison with nothing reduced: every side is looked at in full. */
const fullSize = 'import picture; picture.FINE_SIDE = picture.COARSE_SIDE = 10**9';

/** Pictures for the recall; 34 make 561 unrelated pairs. */
const pictures = 34;

type Pair = { source: string; target: string };

/** Pairs of 12 MP JPEGs, one of them cut and turned: warm workers, a process each, and full size. */
export async function benchImageMatch(bench: Bench): Promise<Row[]> {
  const pairs = await loadPairs(bench.inputFolder);
  const pick = (index: number) => pairs[index % pairs.length] as Pair;
  const pool = await createWorkerPool(bench.root, python, concurrency);
  const full = await createWorkerPool(bench.root, python, concurrency, fullSize);
  const forms = await Promise.all(pairs.map(toForm));
  try {
    const loads = await runRounds(
      {
        spawned: {
          concurrency,
          requests: 8,
          meter: createMeter(),
          call: async (index) =>
            expectMatch(await spawnMatch(bench.root, python, requestOf(pick(index), index))),
        },
        full: {
          concurrency,
          requests: 4,
          meter: createMeter({ workers: () => full.ids }),
          call: async (index) => expectMatch(await full.ask(requestOf(pick(index), index))),
        },
        warm: {
          concurrency,
          requests: 24,
          meter: createMeter({ workers: () => pool.ids }),
          call: async (index) => expectMatch(await pool.ask(requestOf(pick(index), index))),
        },
        api: {
          concurrency,
          requests: 4,
          meter: apiMeter(bench),
          call: (index) => post(bench, index, forms[index % forms.length] as FormData),
        },
      },
      bench.rounds,
      bench.say,
    );
    return [
      row('Match: warm workers vs a process per pair', loads.warm, loads.spawned, atLeast(3)),
      timeRow(loads.warm, loads.full),
      row(
        `Match: API, one source and ${targets} targets, pairs vs a process per pair`,
        loads.api.map((load) => ({ ...load, rate: load.rate * targets })),
        loads.spawned,
      ),
      await recallRow(bench),
    ];
  } finally {
    pool.stop();
    full.stop();
  }
}

/** Each photo, and the same cut to two thirds, turned by 10 degrees and compressed again. */
async function loadPairs(folder: string): Promise<Pair[]> {
  const photos = await loadPhotos(folder);
  const pairs: Pair[] = [];
  for (const [at, { path: source }] of photos.entries()) {
    const target = join(folder, `changed-1-${at}.jpg`);
    if (!existsSync(target)) await drawChanged(source, target);
    pairs.push({ source, target });
  }
  return pairs;
}

async function drawChanged(source: string, target: string): Promise<void> {
  const cut = { left: 300, top: 250, width: 3400, height: 2400 };
  const turned = await sharp(source).extract(cut).rotate(10).jpeg({ quality: 95 }).toBuffer();
  await sharp(turned)
    .resize(photoWidth, photoHeight, { fit: 'cover' })
    .jpeg({ quality: 80 })
    .toFile(target);
}

/** What the product's runner asks for; every call has a source of its own, so none is remembered. */
function requestOf({ source, target }: Pair, index: number): Record<string, unknown> {
  const plain = {
    type: 'jpg',
    width: photoWidth,
    height: photoHeight,
    orientation: 1,
    hasAlpha: false,
  };
  return {
    op: 'match',
    source: { ...plain, path: source, key: `pair ${index} ${Math.random()}` },
    target: { ...plain, path: target },
    methods,
  };
}

function expectMatch(answer: unknown): void {
  const { inliers, score } = answer as { score: number; inliers: number };
  if (!(score >= 0.85 && inliers >= 12))
    throw new Error(`Expected a match; received ${JSON.stringify(answer)}`);
}

async function toForm({ source, target }: Pair): Promise<FormData> {
  const form = new FormData();
  form.append('source', await openAsBlob(source), 'source.jpg');
  const copy = await openAsBlob(target);
  for (let at = 0; at < targets; at++) form.append('targets', copy, `${at}.jpg`);
  return form;
}

async function post(bench: Bench, index: number, body: FormData): Promise<void> {
  const answer = await fetch(`${bench.stack.url}/api/v1/tools/image-match?cache=false`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keyOf(bench, index)}` },
    body,
  });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`image-match answered ${answer.status}: ${text}`);
  const result = JSON.parse(text) as { targets: unknown[] };
  if (result.targets.length !== targets) throw new Error(`Expected ${targets} targets: ${text}`);
  result.targets.forEach(expectMatch);
}

/** The rates the other way round, which are the times: ours as a part of theirs. */
function timeRow(ours: Load[], theirs: Load[]): Row {
  return row('Match: time of a 12 MP pair vs the same at full size', theirs, ours, atMost(0.25));
}

async function recallRow({ root, say }: Bench): Promise<Row> {
  say(`recall on ${pictures} drawn pictures`);
  const args = ['-B', join(root, 'python/calibrate.py'), '--figures', String(pictures)];
  const { stdout } = await promisify(execFile)(python, args);
  const { changed, false_matches, recall, recall_without_mistake, unrelated } = JSON.parse(
    stdout,
  ) as Record<string, number>;
  const figure = recall_without_mistake ?? Number.NaN;
  return createRow({
    suite: 'image-match',
    name: 'Match: recall without a false match',
    unit: 'share',
    figure: { median: figure, low: figure, high: figure },
    bound: atLeast(0.95),
    detail: `${changed} changed and ${unrelated} unrelated pairs; at 0.85 recall ${recall?.toFixed(4)}, ${false_matches} false matches`,
    note: 'The changes of docs/image-match-calibration.md on drawn pictures of other seeds, which no threshold was chosen on.',
  });
}

function row(name: string, ours: Load[], theirs: Load[], bound?: Bound): Row {
  const usage = (loads: Load[]) => describeUsage(loads.map(({ cpu }) => cpu));
  return createRow({
    suite: 'image-match',
    name: `${name} (c=${concurrency})`,
    figure: ratioOf(ours, theirs),
    bound,
    detail: `${medianRate(ours).toFixed(1)} against ${medianRate(theirs).toFixed(1)} pairs/s`,
    note: `CPU ms a request: ${usage(ours)}; yardstick: ${usage(theirs)}.`,
  });
}
