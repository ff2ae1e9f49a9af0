import { join } from 'node:path';
import { fileTypes } from '@nebula/contract/file-types';
import type { InputFacts, Progress, RunRequest } from '@nebula/contract/run';
import type { InputFile } from '@nebula/contract/tool';
import type { Warning } from '@nebula/contract/warnings';
import type { Job } from './job.ts';
import type { JobLife } from './running-jobs.ts';

/** What a runner sees of its run; what it notes is added to `warnings` and `inputs`. */
export function createJob<Options>({
  life,
  request,
  options,
  files,
  dir,
  inputs,
  warnings,
  onProgress,
}: {
  life: JobLife;
  request: RunRequest;
  options: Options;
  files: InputFile[];
  dir: string;
  inputs: InputFacts[];
  warnings: Warning[];
  onProgress: (progress: Progress) => void;
}): Job<Options> {
  let outputCount = 0;
  return {
    id: life.id,
    accountId: request.account_id,
    options,
    isTest: request.is_test ?? false,
    files,
    dir,
    signal: life.signal,
    remainingMs: life.remainingMs,
    progress: (progress) => {
      const percent = Math.min(100, Math.max(0, progress.percent));
      if (!life.signal.aborted) onProgress({ ...progress, percent });
    },
    warn: (code, message, facts) => warnings.push({ ...facts, code, message }),
    noteInput: (facts, index = 0) => {
      inputs[index] = facts;
    },
    outputPath: (type) => join(dir, `output-${outputCount++}.${fileTypes[type].extension}`),
  };
}
