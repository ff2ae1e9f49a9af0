import { AppError } from '@nebula/contract/errors';
import { maxPixels } from '@nebula/contract/limits';
import { type Geometry, planGeometry } from './geometry.ts';
import type { ResizeSource } from './open-source.ts';
import type { ResizeJob, ResizeOptions } from './run.ts';

type OutputType = 'jpg' | 'png' | 'webp' | 'avif';

const defaultQuality = { jpg: 82, webp: 80, avif: 50, png: 100 } as const;

/** One output as it is asked for: the options of the call, and what its variant says otherwise. */
type Wanted = ResizeOptions & { name?: string };

export type PlannedOutput = Geometry & {
  type: OutputType;
  quality: number;
  label?: string;
  path: string;
  /** Where OpenCV leaves raw pixels for sharp to encode. */
  rawPath?: string;
  keepAlpha: boolean;
};

/** A plan with what depends on all of its outputs together. */
export type Plan = {
  /** What a JPEG is scaled down by while it is decoded: 1, 2, 4 or 8. */
  shrink: number;
  outputs: (PlannedOutput & { filter: Filter })[];
};

type Filter = Exclude<ResizeOptions['filter'], 'auto'>;

/** The options of each output. */
export function wantedOutputs(options: ResizeOptions): Wanted[] {
  return options.variants?.map((variant) => ({ ...options, ...variant })) ?? [options];
}

/** What each output will be; refuses too many pixels before one of them is made. */
export function planOutputs(job: ResizeJob, source: ResizeSource): Plan {
  const { options } = job;
  const planned = wantedOutputs(options).map((each) => planOutput(job, source, each));
  const pixels = planned.reduce((sum, { canvas, size }) => {
    return sum + (canvas ?? size).width * (canvas ?? size).height;
  }, 0);
  const sides = planned.flatMap(({ canvas, size }) => [
    (canvas ?? size).width,
    (canvas ?? size).height,
  ]);
  if (pixels > maxPixels || Math.max(...sides) > 16383) {
    const message = `The outputs would have ${pixels} pixels; at most ${maxPixels} and 16383 on a side are allowed.`;
    throw new AppError('input_too_many_pixels', message, { extra: { pixels, limit: maxPixels } });
  }
  const isJpeg = 'type' in source.pixels && source.pixels.type === 'jpg';
  const shrink = isJpeg ? shrinkFor(planned) : 1;
  const outputs = planned.map((each) => {
    const filter = options.filter === 'auto' ? filterFor(each, shrink) : options.filter;
    return { ...each, filter };
  });
  return { shrink, outputs };
}

/** The largest factor after which every region is no smaller than its output. */
function shrinkFor(outputs: readonly Geometry[]): number {
  const holds = (factor: number) =>
    outputs.every(
      ({ region, size }) =>
        region.width / factor >= size.width && region.height / factor >= size.height,
    );
  return [8, 4, 2].find(holds) ?? 1;
}

/** Lanczos and cubic alias where they shrink far; a little, cubic is as sharp in a third of the time. */
function filterFor({ region, size }: Geometry, shrink: number): Filter {
  const factor = Math.max(region.width / size.width, region.height / size.height) / shrink;
  if (factor >= 2) return 'area';
  return factor >= 1 ? 'cubic' : 'lanczos4';
}

function planOutput(job: ResizeJob, source: ResizeSource, wanted: Wanted): PlannedOutput {
  const geometry = planGeometry(source, wanted);
  const type = wanted.format === 'keep' ? source.keepType : wanted.format;
  const { height, width } = geometry.canvas ?? geometry.size;
  const path = job.outputPath(type);
  const needsSharp = type === 'webp' || type === 'avif' || !job.options.strip_metadata;
  return {
    ...geometry,
    type,
    quality: wanted.quality ?? defaultQuality[type],
    label: job.options.variants ? (wanted.name ?? `${width}x${height}`) : undefined,
    path,
    rawPath: needsSharp ? `${path}.raw` : undefined,
    keepAlpha: type !== 'jpg',
  };
}
