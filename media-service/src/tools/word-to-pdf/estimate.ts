import type { Forecast, Job } from '../../jobs/job.ts';
import { effectiveOptions } from './effective-options.ts';
import type { WordOptions } from './run.ts';

const startMs = 180;
const msPerKilobyte = 0.35;
const fontBytes = 40_000;

/** From the size of the document, most of which is pictures; text costs little in either form. */
export async function estimateWordToPdf({ files, options }: Job<WordOptions>): Promise<Forecast> {
  const size = files[0]?.size ?? 0;
  return {
    outputs: 1,
    bytes: fontBytes + size,
    run_ms: startMs + (size / 1024) * msPerKilobyte,
    optionsEffective: effectiveOptions(options, undefined),
  };
}
