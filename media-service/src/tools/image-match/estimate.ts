import type { Forecast } from '../../jobs/job.ts';
import { effectiveOptions, type MatchJob } from './match-job.ts';

const msPerTarget = 170;
const msForFeatures = 120;
const jsonBytesPerTarget = 900;
const pictureBytes = 900_000;

/** From the number of targets; pictures are compared at a fixed size, whatever theirs is. */
export async function estimateImageMatch({ files, options }: MatchJob): Promise<Forecast> {
  const targets = Math.max(1, files.length - 1);
  const pictures = options.visual === 'none' ? 0 : targets;
  const each = msPerTarget + (options.methods.includes('features') ? msForFeatures : 0);
  return {
    outputs: 1 + pictures,
    bytes: targets * jsonBytesPerTarget + pictures * pictureBytes,
    run_ms: 60 + targets * each,
    optionsEffective: effectiveOptions(options),
  };
}
