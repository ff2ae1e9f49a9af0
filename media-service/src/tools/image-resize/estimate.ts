import type { Engines } from '../../engines/engines.ts';
import type { Forecast } from '../../jobs/job.ts';
import { effectiveOptions } from './effective-options.ts';
import { openSource } from './open-source.ts';
import { planOutputs } from './plan-outputs.ts';
import type { ResizeJob } from './run.ts';

/** Of a photograph at the default quality. */
const bytesPerPixel = { jpg: 0.22, webp: 0.14, avif: 0.1, png: 1.6 } as const;
const msPerMegapixel = { jpg: 9, webp: 75, avif: 130, png: 55 } as const;
const msPerInputMegapixel = 4;

/** From the header of the image and the planned sizes. */
export async function estimateImageResize(job: ResizeJob, engines: Engines): Promise<Forecast> {
  const source = await openSource(job, engines);
  const pixelsIn = source.width * source.height;
  const planned = planOutputs(job, source).outputs.map((output) => {
    const { canvas, filter, quality, size, type } = output;
    const { height, width } = canvas ?? size;
    return { type, filter, quality, width, height, pixels: width * height };
  });
  // A picture that weighs little as a file has little in it, in whatever format.
  const typical = bytesPerPixel[source.keepType] * pixelsIn;
  const detail = Math.min(3, Math.max(0.05, (job.files[0]?.size ?? typical) / typical));
  const bytes = planned.map(
    ({ pixels, quality, type }) =>
      pixels * bytesPerPixel[type] * detail * (type === 'png' ? 1 : (quality / 80) ** 2) + 500,
  );
  const ms = planned.map(({ pixels, type }) => (pixels / 1e6) * msPerMegapixel[type]);
  return {
    outputs: planned.length,
    bytes: sum(bytes.map((each) => Math.min(each, job.options.max_bytes ?? each))),
    run_ms: 10 + (pixelsIn / 1e6) * msPerInputMegapixel + sum(ms),
    optionsEffective: effectiveOptions(
      job.options,
      planned.map(({ quality, ...output }) => ({
        ...output,
        quality: output.type === 'png' || job.options.lossless ? undefined : quality,
      })),
    ),
  };
}

const sum = (values: number[]) => values.reduce((total, each) => total + each, 0);
