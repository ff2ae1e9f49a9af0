import { AppError } from '@nebula/contract/errors';
import type { RunOptions } from '@nebula/contract/tool';
import type { tools } from '@nebula/contract/tools';
import type { Engines } from '../../engines/engines.ts';
import type { Job, RunOutput } from '../../jobs/job.ts';
import { stampTestMark } from '../../test-mark/stamp-pdf.ts';
import type { Converted, ConvertRequest } from './convert.ts';

export type WordOptions = RunOptions<(typeof tools)['word-to-pdf']>;

/** The document of a job, and the options that are about it. */
export function documentOf({ files: [file], options: all }: Job<WordOptions>) {
  if (!file)
    throw new AppError('invalid_input', 'Expected a file; received none.', { param: 'file' });
  const { output: _output, strict: _strict, timeout_seconds: _timeout, ...options } = all;
  return { file, options };
}

/** Converts one Word document in a process of its own. */
export async function runWordToPdf(job: Job<WordOptions>, engines: Engines): Promise<RunOutput> {
  const { file, options } = documentOf(job);
  const path = job.outputPath('pdf');
  job.progress({ percent: 5, stage: 'converting' });
  const request: ConvertRequest = { input: file.path, output: path, options };
  const result = await engines.word.request<Converted>(request, job.signal);
  if (job.isTest) await stampTestMark(path);
  job.progress({ percent: 100, stage: 'done' });
  for (const { code, facts, message } of result.warnings) job.warn(code, message, facts);
  job.noteInput(result.input);
  const { height, pages, width } = result;
  return {
    files: [{ path, type: 'pdf', pages, width: Math.round(width), height: Math.round(height) }],
    engine: { name: 'mammoth + pdfkit', version: engines.word.health().version },
    optionsEffective: result.effective,
  };
}
