import { z } from 'zod';
import { defineTool, type Issue } from '../tool.ts';

/** The most pixels that one frame of the input or the output may have (8192 x 4320). */
export const maxFramePixels = 8192 * 4320;

/** What each preset means as a constant rate factor. */
export const presetCrf = { fast: 28, balanced: 23, high_quality: 18 } as const;

/** Of encoded sound, where none is asked for. */
export const defaultAudioBitrate = '128k';

/** Pixels on the shorter side. */
export const shortSides = {
  '480p': 480,
  '720p': 720,
  '1080p': 1080,
  '1440p': 1440,
  '4k': 2160,
} as const;

const seconds = () => z.number().min(0).max(86_400);

export const videoCompress = defineTool({
  id: 'video-compress',
  title: 'Compress a video',
  summary: 'Make a video smaller: by quality, by a percentage, or to a size in bytes.',
  description:
    'Reads MP4, QuickTime, Matroska, WebM, AVI, Flash video, MPEG and transport streams, and writes an MP4 of H.264 or H.265 that starts to play before it has loaded. Give one of `preset`, `crf`, `target_reduction` or `target_bytes`; without any, `preset` is `balanced`. A target is met within 5 %, or the answer is `target_unreachable` and says how near it gets. The facts of the answer hold the size, the reduction that was reached, and the likeness to the source (SSIM). When the output would not be smaller and nothing else was asked, the original comes back with the warning `no_size_gain`.',
  category: 'converter',
  source: {
    field: 'file',
    accepts: ['mp4', 'mov', 'mkv', 'webm', 'avi', 'flv', 'mpg', 'ts'],
    maxFiles: 1,
    url: 'fetch',
  },
  options: {
    preset: z
      .enum(['fast', 'balanced', 'high_quality'])
      .optional()
      .describe('Quality by name: CRF 28, 23 or 18. balanced where no other way is given.'),
    crf: z
      .int()
      .min(18)
      .max(28)
      .optional()
      .describe('Constant rate factor, instead of preset: 18 is best, 28 is smallest.'),
    target_reduction: z
      .number()
      .min(10)
      .max(90)
      .optional()
      .describe(
        'Percent to take off the size of the input (of the part that trim keeps), instead of preset.',
      ),
    target_bytes: z
      .int()
      .min(1024)
      .max(2_000_000_000)
      .optional()
      .describe('Size of the output in bytes, instead of preset.'),
    resolution: z
      .enum(['source', '480p', '720p', '1080p', '1440p', '4k'])
      .optional()
      .describe(
        'Length of the shorter side. By default that of the source, or less where a small target would look better.',
      ),
    upscale: z.boolean().default(false).describe('Allow a resolution larger than the source.'),
    codec: z.enum(['h264', 'h265']).default('h264').describe('Codec of the picture.'),
    speed: z
      .enum(['fast', 'medium', 'slow'])
      .default('fast')
      .describe('Slower is a little smaller at the same quality; medium takes twice the time.'),
    audio: z
      .enum(['keep', 'aac', 'none'])
      .default('keep')
      .describe(
        'Sound: keep copies AAC of up to audio_bitrate and encodes all else, aac always encodes, none leaves it out.',
      ),
    audio_bitrate: z
      .enum(['32k', '48k', '64k', '96k', '128k', '160k', '192k', '256k', '320k'])
      .default(defaultAudioBitrate)
      .describe('Bits per second of encoded sound.'),
    trim: z
      .strictObject({
        start: seconds().optional().describe('Second at which the output begins; 0 by default.'),
        end: seconds().optional().describe('Second of the source at which the output ends.'),
      })
      .optional()
      .describe('Part of the video that is kept.'),
    fps: z
      .number()
      .min(1)
      .max(60)
      .optional()
      .describe('Pictures per second; those of the source by default.'),
    strip_metadata: z
      .boolean()
      .default(true)
      .describe('Leave out title, place, device and chapters.'),
    poster: z
      .union([z.boolean(), seconds()])
      .default(false)
      .describe(
        'Add a JPEG of one moment: true takes one near the beginning, a number is its second in the output. Two outputs come as a ZIP.',
      ),
  },
  check: checkOptions,
  outputs: ['mp4', 'jpg'],
  isLong: true,
  maxTimeoutSeconds: 1800,
  groups: [
    { title: 'Size', fields: ['preset', 'target_reduction', 'resolution', 'codec'] },
    { title: 'Other sizes', fields: ['crf', 'target_bytes', 'upscale', 'fps'], advanced: true },
    { title: 'Sound', fields: ['audio', 'audio_bitrate'], advanced: true },
    { title: 'Output', fields: ['trim', 'poster', 'speed', 'strip_metadata'], advanced: true },
  ],
  example: { preset: 'balanced', resolution: '720p' },
});

type Checked = {
  preset?: string;
  crf?: number;
  target_reduction?: number;
  target_bytes?: number;
  trim?: { start?: number; end?: number };
};

function checkOptions({ trim, ...options }: Checked): Issue[] {
  const names = ['preset', 'crf', 'target_reduction', 'target_bytes'] as const;
  const given = names.filter((name) => options[name] !== undefined);
  const issues: Issue[] = [];
  if (given.length > 1) {
    const message = `Expected one of ${names.join(', ')}; received ${given.join(' and ')}.`;
    issues.push({ path: given.at(-1) ?? 'preset', message });
  }
  return [...issues, ...checkTrim(trim)];
}

function checkTrim(trim: Checked['trim']): Issue[] {
  if (!trim) return [];
  const { end, start = 0 } = trim;
  if (trim.start === undefined && end === undefined)
    return [{ path: 'trim', message: 'Expected trim to have start, end or both; received none.' }];
  if (end === undefined || end > start) return [];
  return [
    { path: 'trim.end', message: `Expected trim.end after ${start} seconds, received ${end}.` },
  ];
}
