import { type FileHandle, open, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { maxPixels } from '@nebula/contract/limits';
import type { SharpPool } from '../../engines/sharp.ts';
import type { WrittenPage } from '../../engines/sharp-worker.ts';
import { createFileWindow } from '../../images/file-window.ts';
import { type JpegParts, readJpegParts } from '../../images/jpeg-parts.ts';
import { damaged, type PngParts, readPngParts } from '../../images/png-parts.ts';
import { type Frame, nameInput } from './open-frames.ts';
import type { PdfWriter } from './pdf-writer.ts';
import type { Placed } from './plan-pages.ts';
import type { ImagesJob } from './run.ts';

/** A picture in the PDF: the object, and how its pixels still have to be turned. */
export type Embedded = { id: number; orientation: number };

/** Where a JPEG of phones and cameras is as good as the profile says; most have sRGB or none. */
const spaces = { 1: '/DeviceGray', 3: '/DeviceRGB', 4: '/DeviceCMYK' } as const;

/** Puts a picture into the PDF: as it is where nothing has to change, else decoded and packed anew. */
export async function embedPicture(
  job: ImagesJob,
  writer: PdfWriter,
  sharp: SharpPool,
  placed: Placed,
): Promise<Embedded> {
  const { frame } = placed;
  try {
    const size = smallerSize(job, placed);
    const mustBeGray = job.options.color_mode === 'gray' && !frame.isGray;
    if (frame.asIs && !size && !mustBeGray)
      return 'jpeg' in frame.asIs
        ? await embedJpeg(writer, frame.file.path, frame.asIs.jpeg)
        : await embedPng(writer, frame.file.path, frame.asIs.png);
    return await embedAnew(job, writer, sharp, frame, size);
  } catch (error) {
    throw nameInput(error, frame.file, frame.input);
  }
}

/** The size of a picture that has more pixels than `max_dpi` lets through. */
function smallerSize({ options }: ImagesJob, { at, frame, turns }: Placed) {
  const { max_dpi } = options;
  if (max_dpi === undefined) return undefined;
  const [across, down] = turns % 2 === 0 ? [at.width, at.height] : [at.height, at.width];
  const width = Math.max(1, Math.round((across / 72) * max_dpi));
  const height = Math.max(1, Math.round((down / 72) * max_dpi));
  return width < frame.width || height < frame.height
    ? { width: Math.min(width, frame.width), height: Math.min(height, frame.height) }
    : undefined;
}

async function embedAnew(
  job: ImagesJob,
  writer: PdfWriter,
  sharp: SharpPool,
  { file, isGray, isPhoto, page }: Frame,
  size: { width: number; height: number } | undefined,
): Promise<Embedded> {
  const { background, color_mode, quality } = job.options;
  const format = isPhoto ? 'jpg' : 'png';
  const output = job.outputPath(format);
  await sharp.request<WrittenPage>(
    {
      op: 'page',
      ...{ input: file.path, page, output, format, quality, maxPixels, size },
      background: background.slice(0, 7),
      isGray: isGray || color_mode === 'gray',
    },
    job.signal,
  );
  try {
    if (format === 'png') return await embedPng(writer, output, await readPngParts(output));
    const parts = await readJpegParts(output);
    if (!parts) throw new Error('the JPEG that was made cannot be read');
    return await embedJpeg(writer, output, parts);
  } finally {
    await rm(output, { force: true });
  }
}

async function embedJpeg(writer: PdfWriter, path: string, parts: JpegParts): Promise<Embedded> {
  const { components, height, isInverted, orientation, profile, width } = parts;
  const space = profile
    ? await embedProfile(writer, components, [profile], profile.length, '')
    : spaces[components];
  const decode = isInverted ? '/Decode [1 0 1 0 1 0 1 0]' : '';
  const entries = `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace ${space} /BitsPerComponent 8 ${decode} /Filter /DCTDecode`;
  const id = writer.reserve();
  const file = await open(path);
  try {
    const { size } = await file.stat();
    await writer.writeStream(id, entries, size, readBytes(file, size));
  } finally {
    await file.close();
  }
  return { id, orientation };
}

/** The packed pixels of a PNG are those of a PDF, filters of the rows included. */
async function embedPng(writer: PdfWriter, path: string, parts: PngParts): Promise<Embedded> {
  const { colorType, data, depth, height, orientation, palette, profile, width } = parts;
  const colors = colorType === 2 ? 3 : 1;
  const base =
    profile && isProfileOf(profile, colorType)
      ? await embedProfile(
          writer,
          colorType === 0 ? 1 : 3,
          [profile],
          profile.length,
          '/Filter /FlateDecode',
        )
      : colorType === 0
        ? '/DeviceGray'
        : '/DeviceRGB';
  const last = Math.floor((palette?.length ?? 3) / 3) - 1;
  const space =
    colorType === 3 && palette
      ? `[/Indexed ${base} ${last} <${palette.subarray(0, (last + 1) * 3).toString('hex')}>]`
      : base;
  const rows = `/DecodeParms << /Predictor 15 /Colors ${colors} /BitsPerComponent ${depth} /Columns ${width} >>`;
  const entries = `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace ${space} /BitsPerComponent ${depth} /Filter /FlateDecode ${rows}`;
  const length = data.reduce((total, chunk) => total + chunk.length, 0);
  const id = writer.reserve();
  const file = await open(path);
  try {
    await writer.writeStream(id, entries, length, readData(file, data));
  } finally {
    await file.close();
  }
  return { id, orientation };
}

/** A packed profile begins with a zlib header; gray ones are left to the device. */
const isProfileOf = (profile: Buffer, colorType: number) =>
  colorType !== 0 && profile.length > 32 && (profile[0] ?? 0) % 16 === 8;

async function embedProfile(
  writer: PdfWriter,
  components: number,
  data: Buffer[],
  length: number,
  filter: string,
): Promise<string> {
  const id = writer.reserve();
  await writer.writeStream(id, `/N ${components} ${filter}`, length, data);
  return `[/ICCBased ${id} 0 R]`;
}

/** A whole file; every piece is good until the next is asked for. */
async function* readBytes(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  const window = createFileWindow(file);
  for (let at = 0; at < size; ) {
    const bytes = await window.some(at, size - at);
    if (bytes.length === 0) throw damaged();
    at += bytes.length;
    yield bytes;
  }
}

/** The bytes of the chunks, each held against its check sum. */
async function* readData(file: FileHandle, data: PngParts['data']): AsyncGenerator<Buffer> {
  const window = createFileWindow(file);
  for (const { length, start, sum } of data) {
    let running = crc32('IDAT');
    for (let at = 0; at < length; ) {
      const bytes = await window.some(start + at, length - at);
      if (bytes.length === 0) throw damaged();
      running = crc32(bytes, running);
      at += bytes.length;
      yield bytes;
    }
    if (running !== sum) throw damaged();
  }
}
