import { z } from 'zod';

/** What the camera wrote into a picture, as far as it did. */
export const exifSchema = z.object({
  make: z.string().nullable().describe('Who made the camera.'),
  model: z.string().nullable().describe('The camera.'),
  software: z.string().nullable().describe('The program that wrote the file.'),
  taken_at: z
    .string()
    .nullable()
    .describe('Local time of the picture, such as `2024-05-01T12:30:00`; its zone is not known.'),
  exposure_seconds: z.number().nullable().describe('Time of exposure in seconds.'),
  f_number: z.number().nullable().describe('The aperture.'),
  iso: z.int().nullable().describe('Sensitivity.'),
  focal_length_mm: z.number().nullable().describe('Focal length in millimetres.'),
  has_gps: z.boolean().describe('Whether it says where it was taken.'),
});

export type Exif = z.infer<typeof exifSchema>;

/** What is inside a file; null where the type has no such thing, or the file does not say. */
export const fileFactsSchema = z.object({
  pages: z.int().nullable().describe('Pages of a document, or frames of a picture.'),
  page_width: z.number().nullable().describe('Width of the first page in points (1/72 inch).'),
  page_height: z.number().nullable().describe('Height of the first page in points.'),
  is_encrypted: z.boolean().nullable().describe('Whether a document opens with a password alone.'),
  width: z.int().nullable().describe('Pixels across, upright.'),
  height: z.int().nullable().describe('Pixels down, upright.'),
  has_alpha: z.boolean().nullable().describe('Whether a picture has transparency.'),
  orientation: z.int().nullable().describe('EXIF orientation of a picture, 1 to 8.'),
  dpi: z.number().nullable().describe('Dots per inch that a picture says it has.'),
  color_space: z.string().nullable().describe('Colour space of a picture, e.g. `srgb`, `cmyk`.'),
  exif: exifSchema.nullable().describe('What the camera wrote into a picture.'),
  duration: z.number().nullable().describe('Seconds of a video.'),
  fps: z.number().nullable().describe('Pictures per second of a video, on average.'),
  video_codec: z.string().nullable().describe('Codec of the picture, e.g. `h264`.'),
  audio_codec: z.string().nullable().describe('Codec of the sound, e.g. `aac`.'),
  audio_channels: z.int().nullable().describe('Channels of the sound.'),
  sample_rate: z.int().nullable().describe('Samples of the sound in a second.'),
  bitrate: z.int().nullable().describe('Bits per second of a video, sound included.'),
});

export type FileFacts = z.infer<typeof fileFactsSchema>;

/** Nothing is known of a file yet. */
export const noFacts: FileFacts = {
  pages: null,
  page_width: null,
  page_height: null,
  is_encrypted: null,
  width: null,
  height: null,
  has_alpha: null,
  orientation: null,
  dpi: null,
  color_space: null,
  exif: null,
  duration: null,
  fps: null,
  video_codec: null,
  audio_codec: null,
  audio_channels: null,
  sample_rate: null,
  bitrate: null,
};
