import { Pool } from 'undici';
import { apiMeter, type Bench, keyOf } from '../bench.ts';
import { drawInvoice, invoicePages } from '../inputs/invoice.ts';
import { startIsolated } from '../isolated.ts';
import { type Load, medianRate, ratioOf, runRounds } from '../measure.ts';
import { createMeter, describeUsage } from '../process-usage.ts';
import { atLeast, createRow, type Row } from '../rows.ts';
import {
  browserIds,
  countPages,
  launchChromium,
  printInNewTab,
  printWithLaunch,
} from '../yardsticks/chromium.ts';

const concurrency = 2;

/** A two-page invoice: browsers launched for it, a warm one with a new tab, and the public API. */
export async function benchHtmlToPdf(bench: Bench): Promise<Row[]> {
  const html = drawInvoice();
  const body = Buffer.from(html);
  const warm = await launchChromium();
  const isolated = await startIsolated(bench);
  const client = new Pool(bench.stack.url, { connections: concurrency });
  const isolatedClient = new Pool(isolated.url, { connections: concurrency });
  const meter = apiMeter(bench);
  try {
    const loads = await runRounds(
      {
        launch: {
          concurrency,
          requests: 4,
          meter: createMeter(),
          call: async () => expectPages(countPages(await printWithLaunch(html))),
        },
        tab: {
          concurrency,
          requests: 14,
          meter: createMeter({ chromium: () => browserIds(warm) }),
          call: async () => expectPages(countPages(await printInNewTab(warm, html))),
        },
        fresh: {
          concurrency,
          requests: 24,
          meter,
          call: (index) => post(client, keyOf(bench, index), body),
        },
        same: {
          concurrency,
          requests: 32,
          meter,
          call: () => post(client, keyOf(bench, 0), body),
        },
        isolated: {
          concurrency,
          requests: 12,
          meter: apiMeter({ ...bench, stack: { ...bench.stack, pids: isolated.pids } }),
          call: (index) => post(isolatedClient, keyOf(bench, index), body),
        },
      },
      bench.rounds,
      bench.say,
    );
    const { fresh, isolated: browser, launch, same, tab } = loads;
    return [
      row('PDF: another account each time vs a launch per request', fresh, launch, 7),
      row('PDF: another account each time vs a warm browser, new tab', fresh, tab, 1.3),
      row('PDF: one account vs a launch per request', same, launch, 12),
      row('PDF: one account vs a warm browser, new tab', same, tab, 1.8),
      row('PDF: a browser for each job vs a launch per request', browser, launch),
      row('PDF: a browser for each job vs a warm browser, new tab', browser, tab),
    ];
  } finally {
    await Promise.all([warm.close(), client.destroy(), isolatedClient.destroy()]);
    await isolated.stop();
  }
}

async function post(client: Pool, key: string, body: Buffer): Promise<void> {
  const answer = await client.request({
    method: 'POST',
    path: '/api/v1/tools/html-to-pdf?cache=false',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'text/html' },
    body,
  });
  const bytes = await answer.body.bytes();
  if (answer.statusCode !== 200)
    throw new Error(`html-to-pdf answered ${answer.statusCode}: ${Buffer.from(bytes)}`);
  expectPages(countPages(bytes));
}

function expectPages(pages: number): void {
  if (pages !== invoicePages) throw new Error(`Expected ${invoicePages} pages, received ${pages}.`);
}

function row(name: string, ours: Load[], theirs: Load[], bound?: number): Row {
  const usage = (loads: Load[]) => describeUsage(loads.map(({ cpu }) => cpu));
  return createRow({
    suite: 'html-to-pdf',
    name: `${name} (c=${concurrency})`,
    figure: ratioOf(ours, theirs),
    bound: bound === undefined ? undefined : atLeast(bound),
    detail: `${medianRate(ours).toFixed(1)} against ${medianRate(theirs).toFixed(1)} requests/s`,
    note: `CPU ms a request: ${usage(ours)}; yardstick: ${usage(theirs)}.`,
  });
}
