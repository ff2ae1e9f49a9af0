import { constants, crc32, deflateRawSync, deflateSync } from 'node:zlib';
import type { FileType } from '@nebula/contract/file-types';
import sharp from 'sharp';

/** A file that is small, and says or holds far more than it should. */
export type Bomb = { type: FileType; data: Buffer };

const flat = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#ffffff' } });

function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, at * 4);
  return bytes;
}

export function pngChunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind), data]);
  return Buffer.concat([numbers(data.length), body, numbers(crc32(body))]);
}

/** A PNG of gray pixels; `extra` stands between its header and its rows. */
export function png(width: number, height: number, rows = Buffer.alloc(0), extra: Buffer[] = []) {
  const header = Buffer.concat([numbers(width, height), Buffer.from([8, 0, 0, 0, 0])]);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', header),
    ...extra,
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** An animated PNG of black frames, all of the same size. */
export function apng(side: number, frames: number): Buffer {
  const rows = deflateSync(Buffer.alloc(side * (side + 1)));
  const control = (order: number) =>
    pngChunk(
      'fcTL',
      Buffer.concat([numbers(order, side, side, 0, 0), Buffer.from([0, 1, 0, 1, 0, 0])]),
    );
  const still = png(side, side, Buffer.alloc(side * (side + 1)), [
    pngChunk('acTL', numbers(frames, 0)),
    control(0),
  ]);
  const later = Array.from({ length: frames - 1 }, (_none, at) => [
    control(2 * at + 1),
    pngChunk('fdAT', Buffer.concat([numbers(2 * at + 2), rows])),
  ]);
  return Buffer.concat([still.subarray(0, -12), ...later.flat(), still.subarray(-12)]);
}

/** Zeros by the gigabyte, packed a thousandfold; the sum at the end is that of something else. */
export function packedZeros(gigabytes: number): Buffer {
  const block = deflateRawSync(Buffer.alloc(2 ** 26), { finishFlush: constants.Z_FULL_FLUSH });
  const blocks = Array<Buffer>(gigabytes * 16).fill(block);
  return Buffer.concat([
    Buffer.from('789c', 'hex'),
    ...blocks,
    Buffer.from('03000000000001', 'hex'),
  ]);
}

/** A JPEG whose header says another size. */
export async function jpegOf(width: number, height: number, progressive = false): Promise<Buffer> {
  const bytes = await flat(120, 80).jpeg({ progressive }).toBuffer();
  const frame = bytes.indexOf(Buffer.from([0xff, progressive ? 0xc2 : 0xc0]));
  bytes.writeUInt16BE(height, frame + 5);
  bytes.writeUInt16BE(width, frame + 7);
  return bytes;
}

/** A progressive JPEG whose first scan comes so many times. */
export async function jpegOfScans(count: number): Promise<Buffer> {
  const data = await flat(400, 400).jpeg({ progressive: true }).toBuffer();
  const start = data.indexOf(Buffer.from([0xff, 0xda]));
  let end = start + 2;
  while (data[end] !== 0xff || data[end + 1] === 0) end++;
  const scans = Array<Buffer>(count).fill(data.subarray(start, end));
  return Buffer.concat([data.subarray(0, start), ...scans, data.subarray(end)]);
}

/** A GIF of frames of `side` pixels, none of which has more than its first pixel. */
export function gif(side: number, frames: number): Buffer {
  const head = Buffer.from('47494638396101000100800000000000ffffff', 'hex');
  const frame = Buffer.from('21f90400010000002c0000000001000100000202440100', 'hex');
  for (const [bytes, at] of [
    [head, 6],
    [frame, 13],
  ] as const) {
    bytes.writeUInt16LE(side, at);
    bytes.writeUInt16LE(side, at + 2);
  }
  return Buffer.concat([head, ...Array<Buffer>(frames).fill(frame), Buffer.from(';')]);
}

/** An animated WebP whose second frame comes so many times. */
export async function animatedWebp(frames: number): Promise<Buffer> {
  const two = await Promise.all(
    ['#ff0000', '#00ff00'].map((background) =>
      sharp({ create: { width: 20, height: 20, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
  const data = await sharp(two, { join: { animated: true } })
    .webp({ loop: 0 })
    .toBuffer();
  const last = data.lastIndexOf('ANMF');
  const many = Array<Buffer>(frames - 1).fill(data.subarray(last));
  const whole = Buffer.concat([data.subarray(0, last), ...many]);
  whole.writeUInt32LE(whole.length - 8, 4);
  return whole;
}

/** A WebP without loss whose header says another size. */
export async function webpOf(side: number): Promise<Buffer> {
  const data = await flat(64, 64).webp({ lossless: true }).toBuffer();
  const at = data.indexOf('VP8L') + 9;
  const sides = (side - 1) * 2 ** 14 + (side - 1);
  data.writeUInt32LE((data.readUInt32LE(at) & 0xf000_0000) + sides, at);
  return data;
}

/** An AVIF whose box of sizes says another one. */
export async function avifOf(side: number): Promise<Buffer> {
  const data = await flat(64, 64).avif({ effort: 0 }).toBuffer();
  const at = data.indexOf('ispe') + 8;
  data.writeUInt32BE(side, at);
  data.writeUInt32BE(side, at + 4);
  return data;
}

/** Directories of a TIFF of so many pixels a side, each of which points to the next one. */
export function tiff(side: number, { directories = 1, isRing = false, tile = 0 } = {}): Buffer {
  const storage = tile
    ? [
        [322, tile],
        [323, tile],
        [324, 8],
        [325, 100],
      ]
    : [
        [273, 8],
        [278, side],
        [279, 1],
      ];
  const entries = [[256, side], [257, side], [258, 8], [259, 1], [262, 1], [277, 1], ...storage];
  const size = 2 + entries.length * 12 + 4;
  const bytes = Buffer.alloc(16 + directories * size);
  bytes.write('II*\0', 'latin1');
  bytes.writeUInt32LE(16, 4);
  for (let at = 0; at < directories; at++) {
    const start = 16 + at * size;
    bytes.writeUInt16LE(entries.length, start);
    for (const [index, [tag = 0, value = 0]] of entries.entries()) {
      const entry = start + 2 + index * 12;
      bytes.writeUInt16LE(tag, entry);
      bytes.writeUInt16LE(4, entry + 2);
      bytes.writeUInt32LE(1, entry + 4);
      bytes.writeUInt32LE(value, entry + 8);
    }
    const next = at + 1 < directories ? start + size : isRing ? 16 : 0;
    bytes.writeUInt32LE(next, start + size - 4);
  }
  return bytes;
}
