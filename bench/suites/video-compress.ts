import { join } from 'node:path';
import { Pool } from 'undici';
import { apiMeter, type Bench, keyOf } from '../bench.ts';
import { type Film, loadFilm } from '../inputs/film.ts';
import { type Load, medianRate, ratioOf, runRounds, summarize } from '../measure.ts';
import { createMeter, describeUsage } from '../process-usage.ts';
import { atLeast, atMost, createRow, type Row } from '../rows.ts';
import { encodeBare } from '../yardsticks/bare-ffmpeg.ts';

/** Shares of the input that are asked for as target sizes. */
const targetShares = [0.6, 0.3, 0.12];

/** 20 seconds of 720p: bare commands, and the public API by quality and to a size. */
export async function benchVideoCompress(bench: Bench): Promise<Row[]> {
  const film = await loadFilm(bench.inputFolder);
  const client = new Pool(bench.stack.url, { connections: 1, headersTimeout: 600_000 });
  const bare = (preset: string) => () =>
    encodeBare(film.path, join(bench.folder, `bare-${preset}.mp4`), preset);
  const one = { concurrency: 1, requests: 1 };
  try {
    const loads = await runRounds(
      {
        bare: { ...one, meter: createMeter(), call: bare('veryfast') },
        api: {
          ...one,
          meter: apiMeter(bench),
          call: () => post(client, keyOf(bench, 0), film, {}),
        },
        medium: { ...one, meter: createMeter(), call: bare('medium') },
      },
      bench.rounds,
      bench.say,
    );
    return [
      timeRow('Video: time of the API vs the bare command', loads.api, loads.bare, 1.05),
      timeRow('Video: time of the API vs x264 medium', loads.api, loads.medium, 0.55),
      await likenessRow(bench, client, film),
      ...(await targetRows(bench, client, film)),
    ];
  } finally {
    await client.destroy();
  }
}

type Query = Record<string, string>;
type Compressed = { size: number; ssim: number };

async function post(client: Pool, key: string, film: Film, query: Query): Promise<number> {
  const answer = await send(client, key, film, query, 'video/mp4');
  const { length } = await answer.body.bytes();
  if (answer.statusCode !== 200 || answer.headers['x-nebula-codec'] !== 'h264')
    throw new Error(`Expected an H.264 video; received ${answer.statusCode}, ${length} bytes`);
  return length;
}

async function describe(client: Pool, key: string, film: Film, query: Query): Promise<Compressed> {
  const answer = await send(client, key, film, query, 'application/json');
  const job = (await answer.body.json()) as {
    files: { size: number }[];
    options_effective: { quality: { score: number } };
  };
  return { size: job.files[0]?.size ?? 0, ssim: job.options_effective.quality.score };
}

function send(client: Pool, key: string, film: Film, query: Query, accept: string) {
  return client.request({
    method: 'POST',
    // A repeat would be free, and measure nothing.
    path: `/api/v1/tools/video-compress?${new URLSearchParams({ ...query, cache: 'false' })}`,
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'video/mp4',
      accept,
      prefer: 'wait=60',
    },
    body: film.bytes,
  });
}

async function likenessRow(bench: Bench, client: Pool, film: Film): Promise<Row> {
  const fast = await describe(client, keyOf(bench, 0), film, { speed: 'fast' });
  const medium = await describe(client, keyOf(bench, 0), film, { speed: 'medium' });
  return createRow({
    suite: 'video-compress',
    name: 'Video: likeness (SSIM) of fast vs medium at the same CRF',
    figure: summarize([fast.ssim / medium.ssim]),
    bound: atLeast(0.995),
    detail: `${fast.ssim} against ${medium.ssim}`,
    note: `${fast.size} against ${medium.size} bytes.`,
  });
}

async function targetRows(bench: Bench, client: Pool, film: Film): Promise<Row[]> {
  const shares: number[] = [];
  const details: string[] = [];
  for (const share of targetShares) {
    const target = Math.round(film.bytes.length * share);
    const size = await post(client, keyOf(bench, 0), film, { target_bytes: String(target) });
    shares.push(size / target);
    details.push(`${size} for ${target}`);
  }
  const common = {
    suite: 'video-compress' as const,
    detail: `${details.join(', ')} bytes`,
    note: 'Two passes, the second again where it missed.',
  };
  const least = summarize([Math.min(...shares)]);
  const most = summarize([Math.max(...shares)]);
  return [
    createRow({
      ...common,
      name: 'Video: size vs target, the smallest',
      figure: least,
      bound: atLeast(0.94),
    }),
    createRow({
      ...common,
      name: 'Video: size vs target, the largest',
      figure: most,
      bound: atMost(1),
    }),
  ];
}

function timeRow(name: string, ours: Load[], theirs: Load[], bound: number): Row {
  const seconds = (loads: Load[]) => (1 / medianRate(loads)).toFixed(2);
  const usage = (loads: Load[]) => describeUsage(loads.map(({ cpu }) => cpu));
  return createRow({
    suite: 'video-compress',
    name,
    // Their rate over ours is our time over theirs.
    figure: ratioOf(theirs, ours),
    bound: atMost(bound),
    detail: `${seconds(ours)} against ${seconds(theirs)} seconds`,
    note: `CPU ms a request: ${usage(ours)}; yardstick: ${usage(theirs)}.`,
  });
}
