import { z } from 'zod';

/** The counters of one account, tool and period. */
export type UsageRow = {
  accountId: string;
  /** `day#2026-11-23` or `month#2026-11`. */
  period: string;
  tool: string;
  calls: number;
  succeeded: number;
  failed: number;
  bytesIn: number;
  bytesOut: number;
  runMs: number;
};

export const usageListSchema = z.object({
  data: z.array(
    z.object({
      period: z.string(),
      tool: z.string(),
      calls: z.int(),
      succeeded: z.int(),
      failed: z.int(),
      bytes_in: z.int(),
      bytes_out: z.int(),
      run_ms: z.number(),
    }),
  ),
});

export function toPublicUsage(row: UsageRow): z.infer<typeof usageListSchema>['data'][number] {
  return {
    period: row.period.split('#')[1] ?? '',
    tool: row.tool,
    calls: row.calls,
    succeeded: row.succeeded,
    failed: row.failed,
    bytes_in: row.bytesIn,
    bytes_out: row.bytesOut,
    run_ms: row.runMs,
  };
}
