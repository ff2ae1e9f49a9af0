import { isAppError } from '@nebula/contract/errors';
import { type FileFacts, noFacts } from '@nebula/contract/file-facts';
import type { FileType } from '@nebula/contract/file-types';
import type { InputFile } from '@nebula/contract/tool';
import type { EngineName, Engines } from '../engines/engines.ts';
import type { VideoType } from '../engines/ffmpeg/guards.ts';
import { layOut } from '../engines/ghostscript/page-box.ts';
import type { Inspected } from '../engines/sharp-worker.ts';

/** Where a look is taken, and the way to stop it. */
export type LookRoom = { dir: string; signal: AbortSignal };

type Look = (file: InputFile, engines: Engines, room: LookRoom) => Promise<Partial<FileFacts>>;

/** The types that an engine knows more of; of all others nothing but their bytes is known. */
const looks: Partial<Record<FileType, { engine: EngineName; look: Look }>> = {
  pdf: { engine: 'ghostscript', look: lookAtPdf },
  ...sharing('sharp', lookAtPicture, ['jpg', 'png', 'webp', 'avif', 'gif', 'tiff', 'svg']),
  ...sharing('ffmpeg', lookAtVideo, ['mp4', 'mov', 'mkv', 'webm', 'avi', 'flv', 'mpg', 'ts']),
};

function sharing(engine: EngineName, look: Look, types: FileType[]) {
  return Object.fromEntries(types.map((type) => [type, { engine, look }]));
}

/** The engine that looks into files of a type; undefined where none does. */
export const engineFor = (type: FileType): EngineName | undefined => looks[type]?.engine;

/**
 * Looks into a file without decoding it.
 *
 * @throws AppError `corrupt_input` where it is not what it seems to be
 */
export async function readFacts(
  file: InputFile,
  engines: Engines,
  room: LookRoom,
): Promise<FileFacts> {
  return { ...noFacts, ...(await looks[file.type]?.look(file, engines, room)) };
}

async function lookAtPdf(
  { path }: InputFile,
  { ghostscript }: Engines,
  room: LookRoom,
): Promise<Partial<FileFacts>> {
  const drawing = { device: 'ppmraw', antialias: false, annotations: false, quality: 80 } as const;
  try {
    const session = await ghostscript.open({ ...drawing, input: path, name: 'look' }, room);
    try {
      const [first] = await session.describe([1]);
      const { height, width } = first ? layOut(first, 'crop') : { height: null, width: null };
      const pages = session.pageCount;
      return { pages, page_width: width, page_height: height, is_encrypted: false };
    } finally {
      await session.close();
    }
  } catch (error) {
    if (isAppError(error) && error.code === 'password_required') return { is_encrypted: true };
    throw error;
  }
}

async function lookAtPicture(
  { path }: InputFile,
  { sharp }: Engines,
  { signal }: LookRoom,
): Promise<Partial<FileFacts>> {
  const maxPixels = Number.MAX_SAFE_INTEGER;
  const request = { op: 'inspect', input: path, maxPixels } as const;
  const seen = await sharp.request<Inspected>(request, signal);
  return {
    pages: seen.pages,
    width: seen.width,
    height: seen.height,
    has_alpha: seen.hasAlpha,
    orientation: seen.orientation,
    dpi: seen.dpi ?? null,
    color_space: seen.colorSpace ?? null,
    exif: seen.exif ?? null,
  };
}

async function lookAtVideo(
  { path, size, type }: InputFile,
  { ffmpeg }: Engines,
  room: LookRoom,
): Promise<Partial<FileFacts>> {
  const file = { path, type: type as VideoType };
  const { audio, duration, video } = await ffmpeg.probe(file, room);
  return {
    width: video?.width ?? null,
    height: video?.height ?? null,
    duration: duration ?? null,
    fps: video ? Math.round(video.fps * 1000) / 1000 : null,
    video_codec: video?.codec ?? null,
    audio_codec: audio?.codec ?? null,
    audio_channels: audio?.channels ?? null,
    sample_rate: audio?.sampleRate ?? null,
    bitrate: duration === undefined ? null : Math.round((size * 8) / duration),
  };
}
