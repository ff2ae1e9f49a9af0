import type { Exif } from '@nebula/contract/file-facts';

type Value = { type: number; count: number; at: number };

const exifPointer = 0x8769;
const gpsPointer = 0x8825;
const maxEntries = 500;
const maxTextLength = 100;
const bytesPerValue: Record<number, number> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8 };

/**
 * Reads what a camera has written, from the block as it lies in a file. It runs on hostile bytes:
 * every step only compares numbers, and what does not fit is left out.
 */
export function readExif(block: Buffer): Exif | undefined {
  const tiff = block.toString('latin1', 0, 6) === 'Exif\0\0' ? block.subarray(6) : block;
  const order = tiff.toString('latin1', 0, 2);
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) return undefined;
  const read = createReader(tiff, order === 'II');
  const main = read.directory(read.long(4));
  const camera = read.directory(read.number(main.get(exifPointer)));
  const gps = read.directory(read.number(main.get(gpsPointer)));
  return {
    make: read.text(main.get(0x010f)),
    model: read.text(main.get(0x0110)),
    software: read.text(main.get(0x0131)),
    taken_at: toTime(read.text(camera.get(0x9003)) ?? read.text(main.get(0x0132))),
    exposure_seconds: read.number(camera.get(0x829a)) ?? null,
    f_number: read.number(camera.get(0x829d)) ?? null,
    iso: toWhole(read.number(camera.get(0x8827))),
    focal_length_mm: read.number(camera.get(0x920a)) ?? null,
    has_gps: gps.has(2) && gps.has(4),
  };
}

function createReader(tiff: Buffer, isLittle: boolean) {
  const fits = (at: number, bytes: number) => at >= 0 && at + bytes <= tiff.length;
  const short = (at: number) => {
    if (!fits(at, 2)) return undefined;
    return isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at);
  };
  const long = (at: number) => {
    if (!fits(at, 4)) return undefined;
    return isLittle ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at);
  };

  function directory(at: number | undefined): Map<number, Value> {
    const entries = new Map<number, Value>();
    const count = at === undefined ? 0 : Math.min(short(at) ?? 0, maxEntries);
    for (let entry = 0; entry < count; entry++) {
      const from = (at ?? 0) + 2 + entry * 12;
      const [tag, type, values] = [short(from), short(from + 2), long(from + 4)];
      if (tag === undefined || type === undefined || values === undefined) break;
      const bytes = (bytesPerValue[type] ?? 0) * values;
      const where = bytes <= 4 ? from + 8 : long(from + 8);
      if (bytes > 0 && where !== undefined && fits(where, bytes))
        entries.set(tag, { type, count: values, at: where });
    }
    return entries;
  }

  function text(value: Value | undefined): string | null {
    if (value?.type !== 2) return null;
    const end = value.at + Math.min(value.count, maxTextLength);
    const [told = ''] = tiff.toString('utf8', value.at, end).split('\0');
    return told.replace(/\p{Cc}|\ufffd/gu, '').trim() || null;
  }

  function number(value: Value | undefined): number | undefined {
    if (!value) return undefined;
    if (value.type === 3) return short(value.at);
    if (value.type === 4) return long(value.at);
    if (value.type !== 5) return undefined;
    const quotient = (long(value.at) ?? 0) / (long(value.at + 4) ?? 0);
    return Number.isFinite(quotient) ? quotient : undefined;
  }

  return { directory, long, number, text };
}

/** `2024:05:01 12:30:00` in the words of ISO 8601. */
function toTime(text: string | null): string | null {
  const match = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(text ?? '');
  return match ? `${match[1]}-${match[2]}-${match[3]}T${match[4]}` : null;
}

const toWhole = (number: number | undefined) => (number === undefined ? null : Math.round(number));
