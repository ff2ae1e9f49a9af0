import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileTypes } from '@nebula/contract/file-types';
import { Pool } from 'undici';
import { apiMeter, type Bench, keyOf } from '../bench.ts';
import { loadWordReport, type WordReport } from '../inputs/word-report.ts';
import {
  type Contestant,
  type Load,
  medianRate,
  ratioOf,
  runRounds,
  summarize,
} from '../measure.ts';
import { createMeter, describeUsage } from '../process-usage.ts';
import { atLeast, createRow, type Row } from '../rows.ts';
import { findLibreOffice, spawnLibreOffice, spawnMammoth } from '../yardsticks/spawn-word.ts';

const suite = 'word-to-pdf';

/** A report with photographs: the public API, a naive process per document, and LibreOffice. */
export async function benchWordToPdf(bench: Bench): Promise<Row[]> {
  const report = await loadWordReport(bench.inputFolder);
  const client = new Pool(bench.stack.url, { connections: 1 });
  const pdf = join(bench.folder, 'word-report.pdf');
  const naive = join(bench.folder, 'word-naive.pdf');
  const soffice = findLibreOffice();
  try {
    const contestants: Record<string, Contestant> = {
      api: {
        concurrency: 1,
        requests: 8,
        meter: apiMeter(bench),
        call: async (index) => writeFileSync(pdf, await post(client, keyOf(bench, index), report)),
      },
      naive: {
        concurrency: 1,
        requests: 4,
        meter: createMeter(),
        call: () => spawnMammoth(report.path, naive, bench.root),
      },
    };
    if (soffice)
      contestants.office = {
        concurrency: 1,
        requests: 3,
        meter: createMeter(),
        call: () => spawnLibreOffice(soffice, report.path, join(bench.folder, 'soffice')),
      };
    const loads = await runRounds(contestants, bench.rounds, bench.say);
    const { api = [], naive: plain = [], office } = loads;
    const missing =
      'soffice is not installed, so there is no row against it: the goal of 5x is not measured here.';
    const rows = [
      row('Word: API vs a process per document, text alone', api, plain, {
        note: office ? '' : missing,
      }),
      recallRow(pdf, report, office ? '' : missing),
    ];
    if (office)
      rows.unshift(row('Word: API vs soffice --convert-to pdf', api, office, { bound: 5 }));
    return rows;
  } finally {
    await client.destroy();
  }
}

function row(
  name: string,
  ours: Load[],
  theirs: Load[],
  { bound, note = '' }: { bound?: number; note?: string },
): Row {
  const milliseconds = (loads: Load[]) => `${(1000 / medianRate(loads)).toFixed(0)} ms`;
  const usage = describeUsage(ours.map(({ cpu }) => cpu));
  return createRow({
    suite,
    name: `${name} (c=1)`,
    figure: ratioOf(ours, theirs),
    bound: bound === undefined ? undefined : atLeast(bound),
    detail: `${milliseconds(ours)} against ${milliseconds(theirs)} a document`,
    note: `CPU ms a request: ${usage}. ${note}`.trim(),
  });
}

/** How many of the document's words the PDF gives back, each as often as it is there. */
function recallRow(pdf: string, { words }: WordReport, note: string): Row {
  const text = execFileSync('pdftotext', [pdf, '-'], { encoding: 'utf8' });
  const found = new Map<string, number>();
  for (const word of text.split(/\s+/)) found.set(word, (found.get(word) ?? 0) + 1);
  let kept = 0;
  for (const word of words) {
    const left = found.get(word) ?? 0;
    if (left > 0) kept += 1;
    found.set(word, left - 1);
  }
  return createRow({
    suite,
    name: "Word: share of the document's words that the PDF gives back",
    figure: summarize([kept / words.length]),
    bound: atLeast(0.98),
    detail: `${kept} of ${words.length} words`,
    note,
  });
}

async function post(client: Pool, key: string, { bytes }: WordReport): Promise<Uint8Array> {
  const answer = await client.request({
    method: 'POST',
    // A repeat would be free, and measure nothing.
    path: '/api/v1/tools/word-to-pdf?cache=false',
    headers: { authorization: `Bearer ${key}`, 'content-type': fileTypes.docx.mime },
    body: bytes,
  });
  const body = await answer.body.bytes();
  if (answer.statusCode !== 200)
    throw new Error(`word-to-pdf answered ${answer.statusCode}: ${Buffer.from(body)}`);
  return body;
}
