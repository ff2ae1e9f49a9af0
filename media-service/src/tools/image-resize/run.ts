import { AppError } from '@nebula/contract/errors';
import { colorToRgba } from '@nebula/contract/fields';
import type { FileType } from '@nebula/contract/file-types';
import type { RunOptions } from '@nebula/contract/tool';
import type { tools } from '@nebula/contract/tools';
import { maxPixels } from '@nebula/contract/tools/image-resize';
import type { Engines } from '../../engines/engines.ts';
import type { Encoded } from '../../engines/sharp-worker.ts';
import type { Job, RunOutput } from '../../jobs/job.ts';
import { type Geometry, planGeometry } from './geometry.ts';
import { openSource, type ResizeSource } from './open-source.ts';

export type ResizeOptions = RunOptions<(typeof tools)['image-resize']>;
type ResizeJob = Job<ResizeOptions>;
type OutputType = 'jpg' | 'png' | 'webp' | 'avif';

const defaultQuality = { jpg: 82, webp: 80, avif: 50, png: 100 } as const;

/** One output as it is asked for: the options of the call, and what its variant says otherwise. */
type Wanted = ResizeOptions & { name?: string };

type PlannedOutput = Geometry & {
  type: OutputType;
  quality: number;
  label?: string;
  path: string;
  /** Where OpenCV leaves raw pixels for sharp to encode. */
  rawPath?: string;
  keepAlpha: boolean;
};

type VisionAnswer = {
  outputs: {
    width: number;
    height: number;
    channels: 3 | 4;
    filter: string;
    wasFlattened: boolean;
    quality: number | null;
  }[];
};

/** Resizes with OpenCV: plain files whole, all others on pixels that sharp has decoded. */
export async function runImageResize(job: ResizeJob, engines: Engines): Promise<RunOutput> {
  const { options, signal } = job;
  const source = await openSource(job, engines);
  const planned = planOutputs(job, source);
  job.progress({ percent: 20, stage: 'resizing' });
  const answer = await engines.vision.request<VisionAnswer>(
    visionRequest(options, source, planned),
    signal,
  );
  const qualities = await encodeRest(job, engines, source, planned, answer);
  warnOf(job, planned, answer, qualities);
  return {
    files: planned.map((output, at) => ({
      path: output.path,
      type: output.type,
      label: output.label,
      width: answer.outputs[at]?.width,
      height: answer.outputs[at]?.height,
    })),
    engine: { name: 'opencv', version: engines.vision.health().version },
    optionsEffective: effectiveOptions(options, planned, answer, qualities),
  };
}

function planOutputs(job: ResizeJob, source: ResizeSource): PlannedOutput[] {
  const { options } = job;
  const wanted: Wanted[] = options.variants?.map((variant) => ({ ...options, ...variant })) ?? [
    options,
  ];
  const planned = wanted.map((each) => planOutput(job, source, each));
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
  return planned;
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

function visionRequest(
  options: ResizeOptions,
  source: ResizeSource,
  planned: PlannedOutput[],
): Record<string, unknown> {
  return {
    op: 'resize',
    source: {
      ...source.pixels,
      width: source.width,
      height: source.height,
      orientation: source.orientation,
      hasAlpha: source.hasAlpha,
      rotate: options.rotate,
      flip: options.flip,
    },
    outputs: planned.map((output) => ({
      region: output.region,
      isSmart: output.isSmart,
      size: output.size,
      canvas: output.canvas,
      background: colorToRgba(options.background),
      filter: options.filter,
      sharpen: options.sharpen,
      keepAlpha: output.keepAlpha,
      encode: output.rawPath ? 'raw' : output.type,
      quality: output.quality,
      progressive: options.progressive,
      maxBytes: options.max_bytes,
      path: output.rawPath ?? output.path,
    })),
  };
}

/** Encodes what OpenCV does not encode well; answers the quality that each output got. */
async function encodeRest(
  { files, options, signal }: ResizeJob,
  { sharp }: Engines,
  source: ResizeSource,
  planned: PlannedOutput[],
  answer: VisionAnswer,
): Promise<(number | undefined)[]> {
  const qualities: (number | undefined)[] = [];
  for (const [at, output] of planned.entries()) {
    const made = answer.outputs[at];
    if (!output.rawPath || !made) {
      qualities.push(made?.quality ?? undefined);
      continue;
    }
    const { height, width, channels } = made;
    const encoded = await sharp.request<Encoded>(
      {
        op: 'encode',
        raw: { path: output.rawPath, width, height, channels },
        output: output.path,
        metadataFrom: options.strip_metadata || !source.hasMetadata ? undefined : files[0]?.path,
        format: output.type,
        quality: output.quality,
        lossless: options.lossless,
        progressive: options.progressive,
        maxBytes: options.max_bytes,
      },
      signal,
    );
    qualities.push(output.type === 'png' || options.lossless ? undefined : encoded.quality);
  }
  return qualities;
}

function warnOf(
  job: ResizeJob,
  planned: PlannedOutput[],
  answer: VisionAnswer,
  qualities: (number | undefined)[],
): void {
  const { options } = job;
  for (const [at, output] of planned.entries()) {
    const made = answer.outputs[at];
    const quality = qualities[at];
    if (output.wasKeptSmall && made)
      job.warn(
        'not_enlarged',
        `The image is smaller than asked; it became ${made.width}x${made.height}.`,
      );
    if (made?.wasFlattened)
      job.warn(
        'alpha_flattened',
        `JPEG has no transparency; ${options.background} was put behind it.`,
      );
    if (quality !== undefined && quality < output.quality)
      job.warn('quality_reduced', `The quality was lowered to ${quality} to meet max_bytes.`, {
        quality,
      });
    if (options.lossless && (output.type === 'jpg' || output.type === 'png'))
      job.warn('option_ignored', `lossless does not apply to ${output.type}.`);
    if (options.progressive && output.type !== 'jpg')
      job.warn('option_ignored', `progressive does not apply to ${output.type}.`);
  }
}

function effectiveOptions(
  { variants: _variants, ...options }: ResizeOptions,
  planned: PlannedOutput[],
  answer: VisionAnswer,
  qualities: (number | undefined)[],
): Record<string, unknown> {
  const each = planned.map((output, at) => ({
    width: answer.outputs[at]?.width,
    height: answer.outputs[at]?.height,
    format: output.type satisfies FileType,
    filter: answer.outputs[at]?.filter,
    ...(qualities[at] === undefined ? {} : { quality: qualities[at] }),
  }));
  const [first, ...others] = each;
  return others.length === 0 ? { ...options, ...first } : { ...options, variants: each };
}
