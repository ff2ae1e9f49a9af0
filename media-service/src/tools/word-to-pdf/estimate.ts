import type { Engines } from '../../engines/engines.ts';
import type { Forecast, Job } from '../../jobs/job.ts';
import type { Looked, LookRequest } from './convert.ts';
import { documentOf, type WordOptions } from './run.ts';

const startMs = 180;
const msPerKilobyte = 0.35;
const fontBytes = 40_000;

/**
 * From the size of the document, most of which is pictures; text costs little in either form. Its
 * paper is read in a process of its own, as all that is in it.
 */
export async function estimateWordToPdf(
  job: Job<WordOptions>,
  engines: Engines,
): Promise<Forecast> {
  const { file, options } = documentOf(job);
  const request: LookRequest = { look: true, input: file.path, options };
  const { effective, input } = await engines.word.request<Looked>(request, job.signal);
  job.noteInput(input);
  return {
    outputs: 1,
    bytes: fontBytes + file.size,
    run_ms: startMs + (file.size / 1024) * msPerKilobyte,
    optionsEffective: effective,
  };
}
