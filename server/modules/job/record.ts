import { clock } from '../../platform/clock.ts';
import type { StoredRun } from '../tool-run/service.ts';
import { recordCall, savedBytes } from '../usage/service.ts';
import { inputsOf, type JobRow } from './schema.ts';

/** Counts a run of a job; each step of a job is one. */
export function recordRun(
  row: JobRow,
  {
    run,
    since = row.createdAt,
    status,
    tool = row.tool,
  }: {
    status: number;
    run?: StoredRun;
    tool?: string;
    /** Milliseconds; the beginning of the job unless it is said. */
    since?: number;
  },
): void {
  const inputs = inputsOf(row);
  const outputs = run?.files ?? [];
  recordCall({
    accountId: row.accountId,
    keyId: row.keyId,
    tool,
    status,
    bytesIn: sum(inputs),
    bytesOut: sum(outputs),
    bytesSaved: row.steps === undefined ? savedBytes(inputs, outputs) : 0,
    runMs: run?.result.timing.run_ms,
    totalMs: clock.now() - since,
  });
}

const sum = (files: { size: number }[]) => files.reduce((all, { size }) => all + size, 0);
