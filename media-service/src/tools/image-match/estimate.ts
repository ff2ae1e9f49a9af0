import type { Engines } from '../../engines/engines.ts';
import type { Forecast } from '../../jobs/job.ts';
import { effectiveOptions, type MatchJob } from './match-job.ts';
import { lookAtMatchImage } from './open-match-image.ts';

const msPerTarget = 170;
const msForFeatures = 120;
const jsonBytesPerTarget = 900;
const pictureBytes = 900_000;

/** From the number of targets; pictures are compared at a fixed size, whatever theirs is. */
export async function estimateImageMatch(job: MatchJob, engines: Engines): Promise<Forecast> {
  const { files, options } = job;
  for (const [index, file] of files.entries())
    await lookAtMatchImage(job, engines, file, index === 0 ? 'source' : `targets.${index - 1}`);
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
