import { type ToolId, toolIds, tools } from '@nebula/contract/tools';
import { z } from 'zod';
import { idSchema } from '../../platform/ids.ts';
import { type Latencies, type LatencyClass, latenciesOf, percentileOf } from './latency.ts';

/** Sums over calls; sizes are bytes, times milliseconds. */
export type Counts = {
  calls: number;
  succeeded: number;
  failed: number;
  bytesIn: number;
  bytesOut: number;
  bytesSaved: number;
  runMs: number;
};

/** The counters of one account and period, of one tool or of one key. */
export type UsageRow = Counts & {
  accountId: string;
  /** `day#2026-11-23` or `month#2026-11`. */
  period: string;
  tool?: string;
  keyId?: string;
  latencies: Latencies;
};

const period = z
  .string()
  .regex(
    /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/,
    'Expected a period such as 2026, 2026-11 or 2026-11-23.',
  )
  .optional();

export const listUsageInput = z.strictObject({
  by: z.enum(['day', 'month']).default('day').describe('Length of a period.'),
  group_by: z
    .enum(['tool', 'key'])
    .default('tool')
    .describe('Whether a row is of a tool or of an API key.'),
  tool: z.enum(toolIds).optional().describe('Only calls of this tool.'),
  key_id: z
    .union([idSchema('key'), z.literal('dashboard')])
    .optional()
    .describe('Only calls with this API key; `dashboard` for those without one.'),
  period: period.describe('Only periods that begin so; all by default.'),
  from: period.describe('Only periods from this one on.'),
  to: period.describe('Only periods up to this one, itself included.'),
});

export type ListUsage = z.infer<typeof listUsageInput>;

export const quotaSchema = z.object({
  limit: z.int().describe('Units of the plan in one cycle.'),
  remaining: z.int().describe('Units that are left in this cycle.'),
  used: z.int().describe('Units that are used in this cycle.'),
  projected: z
    .int()
    .describe('Units that will be used at the end of the cycle if it goes on as it did so far.'),
  began_at: z.iso.datetime().describe('When the cycle began.'),
  resets_at: z.iso.datetime().describe('When the next cycle begins.'),
});

const counts = {
  calls: z.int().describe('Calls that have ended.'),
  succeeded: z.int().describe('Those that gave a result.'),
  failed: z.int().describe('Those that were refused or have failed.'),
  bytes_in: z.int().describe('Bytes of the files that came.'),
  bytes_out: z.int().describe('Bytes of the results.'),
  bytes_saved: z
    .int()
    .describe(
      'By how much results are smaller than what they were made from, where the kind is the same.',
    ),
  run_ms: z.number().describe('Time of all runs together, in milliseconds.'),
  p50_ms: z
    .int()
    .nullable()
    .describe('Half of the calls with a result took no longer, estimated; null without any.'),
  p95_ms: z
    .int()
    .nullable()
    .describe('95 % of the calls with a result took no longer, estimated; null without any.'),
};

const group = {
  tool: z.string().nullable().describe('The tool; null where rows are of keys.'),
  key_id: z
    .string()
    .nullable()
    .describe('The API key; null where rows are of tools, and for calls from the dashboard.'),
};

export const usageListSchema = z.object({
  data: z
    .array(
      z.object({ period: z.string().describe('The day or month, in UTC.'), ...group, ...counts }),
    )
    .describe('The counters, one row for each period and tool or key.'),
  periods: z
    .array(z.object({ period: z.string().describe('The day or month, in UTC.'), ...counts }))
    .describe('The same, summed over each period, the earliest first.'),
  groups: z
    .array(z.object({ ...group, ...counts }))
    .describe('The same, summed over all periods, the busiest first.'),
  total: z.object(counts).describe('The same, summed over everything.'),
});

type PublicCounts = z.infer<typeof usageListSchema>['total'];

/** The only bridge from stored counters to those that are sent. */
export function toPublicUsage(rows: UsageRow[], noKey: string): z.infer<typeof usageListSchema> {
  const named = ({ keyId = noKey, tool }: UsageRow) => ({
    tool: tool ?? null,
    key_id: keyId === noKey ? null : keyId,
  });
  const periods = Map.groupBy(rows, ({ period }) => period.split('#')[1] ?? '');
  const groups = Map.groupBy(rows, ({ keyId, tool }) => tool ?? keyId);
  return {
    data: rows.map((row) => ({
      period: row.period.split('#')[1] ?? '',
      ...named(row),
      ...sumOf([row]),
    })),
    periods: [...periods]
      .map(([period, own]) => ({ period, ...sumOf(own) }))
      .sort((one, other) => (one.period < other.period ? -1 : 1)),
    groups: [...groups.values()]
      .flatMap((own) => own.slice(0, 1).map((first) => ({ ...named(first), ...sumOf(own) })))
      .sort((one, other) => other.calls - one.calls),
    total: sumOf(rows),
  };
}

export const listDocumentsInput = z.strictObject({
  from: period.describe('Only days from this one on.'),
  to: period.describe('Only days up to this one, itself included.'),
});

const documentUsageSchema = z.object({
  object: z.literal('document_usage'),
  slug: z.string().describe('The tool, as its page is called.'),
  title: z.string(),
  path: z.string().describe('Where its page is.'),
  ...counts,
  success_rate: z.number().nullable().describe('Part of the calls with a result, 0 to 1.'),
});

export const documentListSchema = z.object({ data: z.array(documentUsageSchema) });

/** What an account has done with each tool, those that it has not called too. */
export function toDocumentUsage(rows: UsageRow[]): z.infer<typeof documentListSchema> {
  const documents = toolIds.map((id: ToolId) => {
    const sums = sumOf(rows.filter(({ tool }) => tool === id));
    const success_rate = sums.calls === 0 ? null : sums.succeeded / sums.calls;
    const page = { slug: id, title: tools[id].title, path: `/docs/tools/${id}` };
    return { object: 'document_usage' as const, ...page, ...sums, success_rate };
  });
  return { data: documents.sort((one, other) => other.calls - one.calls) };
}

function sumOf(rows: UsageRow[]): PublicCounts {
  const sum = (name: keyof Counts) => rows.reduce((all, row) => all + row[name], 0);
  const names = Object.keys(latenciesOf({})) as LatencyClass[];
  const latencies = Object.fromEntries(
    names.map((name) => [
      name,
      rows.reduce((all, { latencies: own }) => all + (own[name] ?? 0), 0),
    ]),
  );
  return {
    calls: sum('calls'),
    succeeded: sum('succeeded'),
    failed: sum('failed'),
    bytes_in: sum('bytesIn'),
    bytes_out: sum('bytesOut'),
    bytes_saved: sum('bytesSaved'),
    run_ms: sum('runMs'),
    p50_ms: percentileOf(latencies, 50),
    p95_ms: percentileOf(latencies, 95),
  };
}
