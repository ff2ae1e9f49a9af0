import { colorToRgba } from '@nebula/contract/fields';
import type { RunOptions } from '@nebula/contract/tool';
import type { tools } from '@nebula/contract/tools';
import type { Engines } from '../../engines/engines.ts';
import type { Encoded } from '../../engines/sharp-worker.ts';
import type { Job, RunOutput } from '../../jobs/job.ts';
import { writeMark } from '../../test-mark/picture.ts';
import { effectiveOptions } from './effective-options.ts';
import { openSource, type ResizeSource } from './open-source.ts';
import { type Plan, planOutputs } from './plan-outputs.ts';
import { warnOfUnused } from './warn-of-unused.ts';

export type ResizeOptions = RunOptions<(typeof tools)['image-resize']>;
export type ResizeJob = Job<ResizeOptions>;
type VisionAnswer = {
  outputs: {
    width: number;
    height: number;
    channels: 3 | 4;
    wasFlattened: boolean;
    quality: number | null;
  }[];
};

/** Resizes with OpenCV: plain files whole, all others on pixels that sharp has decoded. */
export async function runImageResize(job: ResizeJob, engines: Engines): Promise<RunOutput> {
  const { options, signal } = job;
  const source = await openSource(job, engines);
  const plan = planOutputs(job, source);
  const planned = plan.outputs;
  job.progress({ percent: 20, stage: 'resizing' });
  const answer = await engines.vision.request<VisionAnswer>(
    {
      ...visionRequest(options, source, plan),
      mark: job.isTest ? await writeMark(job) : undefined,
    },
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
    optionsEffective: effectiveOptions(
      options,
      planned.map(({ filter, type }, at) => ({
        ...answer.outputs[at],
        filter,
        type,
        quality: qualities[at],
      })),
    ),
  };
}

function visionRequest(
  options: ResizeOptions,
  source: ResizeSource,
  { outputs, shrink }: Plan,
): Record<string, unknown> {
  return {
    op: 'resize',
    source: {
      ...source.pixels,
      shrink,
      width: source.width,
      height: source.height,
      orientation: source.orientation,
      hasAlpha: source.hasAlpha,
      rotate: options.rotate,
      flip: options.flip,
    },
    outputs: outputs.map((output) => ({
      region: output.region,
      isSmart: output.isSmart,
      size: output.size,
      canvas: output.canvas,
      background: colorToRgba(options.background),
      filter: output.filter,
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
  planned: Plan['outputs'],
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
  planned: Plan['outputs'],
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
  }
  warnOfUnused(job, planned);
}
