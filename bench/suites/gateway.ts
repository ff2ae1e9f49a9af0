import { join } from 'node:path';
import { Pool } from 'undici';
import { apiMeter, type Bench, keyOf } from '../bench.ts';
import { type Load, medianRate, ratioOf, runRounds } from '../measure.ts';
import { createMeter, describeUsage } from '../process-usage.ts';
import { atLeast, createRow, type Row } from '../rows.ts';
import { startEmptyNext } from '../yardsticks/empty-next.ts';

const connections = 16;

/** JSON through the public API against a Next route handler that does nothing. */
export async function benchGateway(bench: Bench): Promise<Row[]> {
  const next = await startEmptyNext(bench.root, join(bench.folder, 'next-empty'));
  const pools = {
    api: new Pool(bench.stack.url, { connections }),
    next: new Pool(next.url, { connections }),
  };
  const get = async (pool: Pool, path: string, key?: string) => {
    const headers = key ? { authorization: `Bearer ${key}` } : {};
    const { body, statusCode } = await pool.request({ method: 'GET', path, headers });
    await body.dump();
    if (statusCode !== 200) throw new Error(`GET ${path} answered ${statusCode}`);
  };
  const shared = { concurrency: connections, requests: 3000, meter: apiMeter(bench) };
  try {
    const loads = await runRounds(
      {
        plans: {
          ...shared,
          call: (index) => get(pools.api, '/api/v1/plans', keyOf(bench, index)),
        },
        health: {
          ...shared,
          call: () => get(pools.api, '/api/v1/health'),
        },
        next: {
          ...shared,
          requests: 1500,
          meter: createMeter({ next: next.pid }),
          call: () => get(pools.next, '/empty'),
        },
      },
      bench.rounds,
      bench.say,
    );
    return [
      row('Gateway: JSON with a key vs an empty Next route (c=16)', loads.plans, loads.next, 0.9),
      row('Gateway: /health vs an empty Next route (c=16)', loads.health, loads.next),
    ];
  } finally {
    await Promise.all([pools.api.destroy(), pools.next.destroy(), next.stop()]);
  }
}

function row(name: string, ours: Load[], next: Load[], bound?: number): Row {
  return createRow({
    suite: 'gateway',
    name,
    figure: ratioOf(ours, next),
    bound: bound === undefined ? undefined : atLeast(bound),
    detail: `${medianRate(ours).toFixed(0)} against ${medianRate(next).toFixed(0)} requests/s`,
    note: `CPU ms a request: ${describeUsage(ours.map(({ cpu }) => cpu))}; Next: ${describeUsage(next.map(({ cpu }) => cpu))}.`,
  });
}
