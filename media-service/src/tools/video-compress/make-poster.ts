import { crashed } from '../../engines/ffmpeg/explain-failure.ts';
import type { Ffmpeg } from '../../engines/ffmpeg.ts';
import type { RunOutput } from '../../jobs/job.ts';
import { type EncodePlan, posterArguments } from './build-arguments.ts';
import { sizeOf } from './check-output.ts';
import type { CompressJob } from './run.ts';

/** The first picture is often black; a little later something is to be seen. */
const usualShare = 0.1;

/** Takes the poster from the source, at a second of the output. */
export async function makePoster(
  job: CompressJob,
  ffmpeg: Ffmpeg,
  plan: EncodePlan,
): Promise<{ file: RunOutput['files'][number]; second: number }> {
  const { picture, source, timeline } = plan;
  const { poster } = job.options;
  const latest = Math.max(0, timeline.duration - 1.5 / source.video.fps);
  const asked = typeof poster === 'number' ? poster : timeline.duration * usualShare;
  if (asked > timeline.duration)
    job.warn('time_clamped', `poster is ${asked}, but the output ends at ${timeline.duration}.`, {
      field: 'poster',
      asked,
      used: latest,
    });
  const path = job.outputPath('jpg');
  const take = async (second: number) => {
    const args = posterArguments({ source, picture }, timeline.start + second, path);
    await ffmpeg.run(args, job);
    return (await sizeOf(path)) > 0 ? second : undefined;
  };
  // Sound may go on after the last picture; then there is nothing to take at that second.
  const second = (await take(Math.min(asked, latest))) ?? (await take(0));
  if (second === undefined) throw crashed(new Error('no poster was made'));
  const { height, width } = picture;
  return { file: { path, type: 'jpg', label: 'poster', width, height }, second };
}
