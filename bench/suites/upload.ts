import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { apiMeter, type Bench, keyOf } from '../bench.ts';
import { createUpload, type Upload } from '../inputs/upload.ts';
import { median, medianRate, ratioOf, runRounds, summarize } from '../measure.ts';
import { createMeter, describeUsage, readPeakMemory, resetPeakMemory } from '../process-usage.ts';
import { atLeast, atMost, createRow, type Row } from '../rows.ts';
import { startChildServer } from '../yardsticks/child-server.ts';

const megabyte = 1024 * 1024;
const smallMegabytes = 200;
const largeMegabytes = 800;
const togetherCount = 4;

const agent = new Agent({ connections: 8, headersTimeout: 0, bodyTimeout: 0 });

/** Large uploads to disk: speed against the least that Node can do, and the memory they take. */
export async function benchUpload(bench: Bench): Promise<Row[]> {
  return [await benchSpeed(bench), ...(await benchMemory(bench))];
}

async function benchSpeed(bench: Bench): Promise<Row> {
  const script = join(bench.root, 'bench/yardsticks/upload-server.ts');
  const bare = await startChildServer(script, [join(bench.folder, 'bare')]);
  const upload = createUpload(smallMegabytes * megabyte);
  const shared = { concurrency: 1, requests: 2 };
  try {
    const loads = await runRounds(
      {
        api: {
          ...shared,
          meter: apiMeter(bench),
          call: (index) => sendToApi(bench, upload, index),
        },
        bare: {
          ...shared,
          meter: createMeter({ bare: bare.pid }),
          call: () => send(bare.url, upload),
        },
      },
      bench.rounds,
      bench.say,
    );
    const speed = (rate: number) => `${(rate * smallMegabytes).toFixed(0)} MB/s`;
    return createRow({
      suite: 'upload',
      name: `Upload: ${smallMegabytes} MB multipart vs bare node:http`,
      figure: ratioOf(loads.api, loads.bare),
      bound: atLeast(0.8),
      detail: `${speed(medianRate(loads.api))} against ${speed(medianRate(loads.bare))}`,
      note: `CPU ms a request: ${describeUsage(loads.api.map(({ cpu }) => cpu))}; bare: ${describeUsage(loads.bare.map(({ cpu }) => cpu))}.`,
    });
  } finally {
    await bare.stop();
  }
}

async function benchMemory(bench: Bench): Promise<Row[]> {
  const small = createUpload(smallMegabytes * megabyte);
  const large = createUpload(largeMegabytes * megabyte);
  const peaks: Record<'small' | 'large' | 'together', number[]> = {
    small: [],
    large: [],
    together: [],
  };
  const together = () =>
    Promise.all(
      Array.from({ length: togetherCount }, (_, index) => sendToApi(bench, small, index)),
    );
  const rounds = Math.min(bench.rounds, 3);
  await sendToApi(bench, small, 0);
  for (let round = 0; round < rounds; round++) {
    peaks.small.push(await peakDuring(bench, () => sendToApi(bench, small, round)));
    peaks.large.push(await peakDuring(bench, () => sendToApi(bench, large, round)));
    peaks.together.push(await peakDuring(bench, together));
    const heard = Object.entries(peaks).map(
      ([name, values]) => `${name} ${values.at(-1)?.toFixed(0)}`,
    );
    bench.say(`memory ${round + 1}/${rounds}: ${heard.join(', ')} MB`);
  }
  const usual = median(peaks.small);
  const shown = (values: number[]) => `${median(values).toFixed(0)} MB`;
  return [
    createRow({
      suite: 'upload',
      name: `Upload: peak memory, ${largeMegabytes} MB vs ${smallMegabytes} MB`,
      figure: summarize(
        peaks.large.map((peak, round) => peak / (peaks.small[round] ?? Number.NaN)),
      ),
      bound: atMost(1.1),
      detail: `${shown(peaks.large)} against ${shown(peaks.small)}`,
      note: 'VmHWM, reset before each upload. The limit of a plan is raised in the measured process (bench/raise-file-limit.ts): none allows 800 MB.',
    }),
    createRow({
      suite: 'upload',
      name: `Upload: memory of ${togetherCount} x ${smallMegabytes} MB at once over one`,
      unit: 'MB',
      figure: summarize(peaks.together.map((peak) => peak - usual)),
      bound: atMost(64),
      detail: `${shown(peaks.together)} against ${shown(peaks.small)}`,
      note: 'VmHWM of the web process, reset before each.',
    }),
  ];
}

/** Megabytes that the web process held at most meanwhile. */
async function peakDuring({ stack }: Bench, work: () => Promise<unknown>): Promise<number> {
  const { web = 0 } = stack.pids;
  resetPeakMemory(web);
  await work();
  return readPeakMemory(web) / megabyte;
}

function sendToApi(bench: Bench, upload: Upload, index: number): Promise<void> {
  const authorization = `Bearer ${keyOf(bench, index)}`;
  return send(`${bench.stack.url}/api/v1/tools/image-resize`, upload, { authorization });
}

/** Sends an upload, and insists on the refusal that comes after its last byte. */
async function send(
  url: string,
  { body, headers }: Upload,
  more: Record<string, string> = {},
): Promise<void> {
  const answer = await request(url, {
    method: 'POST',
    dispatcher: agent,
    headers: { ...headers, ...more },
    body: Readable.from(body()),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 422 || !text.includes('invalid_input'))
    throw new Error(`Expected 422 invalid_input, received ${answer.statusCode}: ${text}`);
}
