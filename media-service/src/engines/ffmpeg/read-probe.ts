import { z } from 'zod';

/** What a video file holds, as far as a tool needs to know. */
export type Probe = {
  /** Seconds of the longest track; undefined where the file does not say. */
  duration?: number;
  /** Time of the first packet, in seconds. */
  startsAt: number;
  video?: VideoTrack;
  audio?: AudioTrack;
  /** Tracks beside the first picture and the first sound, by kind; pictures of a cover are none. */
  others: { video: number; audio: number; subtitle: number };
};

export type VideoTrack = {
  index: number;
  codec: string;
  /** Pixels as they are shown, after the rotation of the file. */
  width: number;
  height: number;
  rotation: number;
  /** Pixels are as wide as they are high. */
  isSquare: boolean;
  pixelFormat: string;
  /** Pictures per second, on average. */
  fps: number;
  /** Pictures do not follow each other at equal distances. */
  isVariable: boolean;
  duration?: number;
  bitrate?: number;
};

export type AudioTrack = {
  index: number;
  codec: string;
  channels: number;
  sampleRate: number;
  bitrate?: number;
  duration?: number;
};

/** The fields that {@link readProbe} wants, in the words of ffprobe. */
export const probeEntries =
  'format=duration,start_time:stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,pix_fmt,r_frame_rate,avg_frame_rate,duration,bit_rate,channels,sample_rate:stream_disposition=attached_pic:stream_side_data=rotation';

const text = z.string().optional();
const stream = z.object({
  index: z.int(),
  codec_type: text,
  codec_name: text,
  width: z.number().optional(),
  height: z.number().optional(),
  sample_aspect_ratio: text,
  pix_fmt: text,
  r_frame_rate: text,
  avg_frame_rate: text,
  duration: text,
  bit_rate: text,
  channels: z.number().optional(),
  sample_rate: text,
  disposition: z.object({ attached_pic: z.number().optional() }).optional(),
  side_data_list: z.array(z.object({ rotation: z.number().optional() })).optional(),
});
const document = z.object({
  streams: z.array(stream).default([]),
  format: z.object({ duration: text, start_time: text }).optional(),
});

type Stream = z.infer<typeof stream>;

/**
 * Reads the JSON of ffprobe.
 *
 * @throws SyntaxError or ZodError when it is not what ffprobe prints
 */
export function readProbe(json: string): Probe {
  const { format, streams } = document.parse(JSON.parse(json));
  const ofKind = (kind: string) => streams.filter(({ codec_type }) => codec_type === kind);
  const pictures = ofKind('video').filter(({ disposition }) => disposition?.attached_pic !== 1);
  const sounds = ofKind('audio').filter(({ channels }) => channels !== 0);
  return {
    duration: positive(format?.duration),
    startsAt: Number(format?.start_time) || 0,
    video: pictures[0] && toVideo(pictures[0]),
    audio: sounds[0] && toAudio(sounds[0]),
    others: {
      video: Math.max(0, pictures.length - 1),
      audio: Math.max(0, sounds.length - 1),
      subtitle: ofKind('subtitle').length,
    },
  };
}

function toVideo(stream: Stream): VideoTrack {
  const rotation = stream.side_data_list?.find((data) => data.rotation !== undefined)?.rotation;
  const isLying = Math.round(Math.abs(rotation ?? 0) / 90) % 2 === 1;
  const [width, height] = [stream.width ?? 0, stream.height ?? 0];
  const average = ratio(stream.avg_frame_rate);
  const guessed = ratio(stream.r_frame_rate);
  const fps = average ?? guessed ?? 25;
  return {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    width: isLying ? height : width,
    height: isLying ? width : height,
    rotation: rotation ?? 0,
    isSquare: ['1:1', '0:1', undefined].includes(stream.sample_aspect_ratio),
    pixelFormat: stream.pix_fmt ?? 'unknown',
    fps,
    isVariable: Math.abs((guessed ?? fps) - fps) > fps * 0.01,
    duration: positive(stream.duration),
    bitrate: positive(stream.bit_rate),
  };
}

function toAudio(stream: Stream): AudioTrack {
  return {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    channels: stream.channels ?? 0,
    sampleRate: positive(stream.sample_rate) ?? 0,
    bitrate: positive(stream.bit_rate),
    duration: positive(stream.duration),
  };
}

function ratio(value: string | undefined): number | undefined {
  const [above = 0, below = 0] = (value ?? '').split('/').map(Number);
  const quotient = above / below;
  return Number.isFinite(quotient) && quotient > 0 ? quotient : undefined;
}

function positive(value: string | undefined): number | undefined {
  const number = Number(value);
  return Number.isFinite(number) && number > 0 ? number : undefined;
}
