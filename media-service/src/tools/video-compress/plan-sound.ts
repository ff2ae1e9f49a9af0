import type { AudioTrack } from '../../engines/ffmpeg/read-probe.ts';
import type { CompressJob } from './run.ts';

/** What becomes of the sound; bitrates are bits per second. */
export type Sound =
  | { kind: 'none' }
  | { kind: 'copy'; index: number; bitrate: number }
  | { kind: 'aac'; index: number; bitrate: number; channels: number; sampleRate: number };

/** A track that is a little over the asked bitrate gains nothing from a second encoding. */
const copyTolerance = 1.1;
const ladder = [320_000, 256_000, 192_000, 160_000, 128_000, 96_000, 64_000, 48_000, 32_000];
const maxSampleRate = 48_000;

export function planSound({ options, warn }: CompressJob, track: AudioTrack | undefined): Sound {
  if (options.audio === 'none' || !track) return { kind: 'none' };
  const wanted = Number.parseInt(options.audio_bitrate, 10) * 1000;
  const { bitrate = Number.POSITIVE_INFINITY, codec, index } = track;
  if (options.audio === 'keep' && codec === 'aac' && bitrate <= wanted * copyTolerance)
    return { kind: 'copy', index, bitrate };
  if (track.channels > 2)
    warn('audio_downmixed', `${track.channels} channels of sound were mixed down to two.`);
  return encoded(track, wanted);
}

/** The best sound that takes at most `bitrate`, or the smallest that there is. */
export function smallerSound(sound: Sound, track: AudioTrack | undefined, bitrate: number): Sound {
  if (sound.kind === 'none' || !track || sound.bitrate <= bitrate) return sound;
  const below = ladder.filter((step) => step < sound.bitrate);
  const step = below.find((each) => each <= bitrate) ?? below.at(-1);
  return step === undefined ? sound : encoded(track, step);
}

function encoded({ channels, index, sampleRate }: AudioTrack, bitrate: number): Sound {
  return {
    kind: 'aac',
    index,
    bitrate,
    channels: Math.min(2, channels),
    sampleRate: Math.min(maxSampleRate, sampleRate),
  };
}
