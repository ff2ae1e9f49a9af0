import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { AppError } from '@nebula/contract/errors';
import { type FileType, fileTypes } from '@nebula/contract/file-types';
import type { InputFacts } from '@nebula/contract/run';
import type { RunOptions } from '@nebula/contract/tool';
import { type ToolId, tools } from '@nebula/contract/tools';
import type { Warning } from '@nebula/contract/warnings';
import type { Job } from '../jobs/job.ts';

export type TestJob<K extends ToolId> = Job<RunOptions<(typeof tools)[K]>> & {
  warnings: Warning[];
  /** What was noted of the inputs. */
  inputs: InputFacts[];
  remove: () => void;
};

/** A job for a runner's test: a folder of its own, a deadline, and the warnings in a list. */
export function testJob<K extends ToolId>(
  tool: K,
  options: Record<string, unknown>,
  files: { path: string; type: FileType }[] = [],
  { accountId = 'usr_test', isTest = false, timeoutMs = 30_000 } = {},
): TestJob<K> {
  const dir = mkdtempSync(join(tmpdir(), 'nebula-test-job-'));
  mkdirSync(dir, { recursive: true });
  const endsAt = performance.now() + timeoutMs;
  const deadline = new AbortController();
  const expire = () =>
    deadline.abort(new AppError('tool_timeout', 'The test job ran out of time.'));
  const timer = setTimeout(expire, timeoutMs);
  const warnings: Warning[] = [];
  const inputs: InputFacts[] = [];
  let outputs = 0;
  return {
    id: basename(dir),
    accountId,
    isTest,
    options: tools[tool].run.parse(options) as RunOptions<(typeof tools)[K]>,
    files: files.map((file) => ({
      ...file,
      filename: basename(file.path),
      size: statSync(file.path).size,
    })),
    dir,
    signal: deadline.signal,
    remainingMs: () => Math.max(0, endsAt - performance.now()),
    progress: () => {},
    warn: (code, message, facts) => warnings.push({ ...facts, code, message }),
    noteInput: (facts, index = 0) => {
      inputs[index] = facts;
    },
    outputPath: (type) => join(dir, `output-${outputs++}.${fileTypes[type].extension}`),
    warnings,
    inputs,
    remove: () => {
      clearTimeout(timer);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
