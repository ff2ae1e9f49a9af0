import { readFileSync } from 'node:fs';

/** A picture of one emoji, and how it stands beside letters; all of one point of size. */
export type EmojiGlyph = {
  png: Buffer;
  width: number;
  height: number;
  /** From the start of the glyph to its left edge, and from the baseline up to its top. */
  left: number;
  top: number;
  advance: number;
};

export type EmojiFont = {
  /** Of one point of size. */
  ascent: number;
  descent: number;
  /** The glyph of a whole emoji, of however many characters; undefined where it has none. */
  glyphOf: (emoji: string) => number | undefined;
  /** Undefined for a glyph without a picture. */
  read: (glyph: number) => EmojiGlyph | undefined;
};

/**
 * Reads a font whose glyphs are pictures (tables CBLC and CBDT), as that of Noto is. Own code,
 * because PDFKit's reader knows glyphs of outlines alone.
 */
export function openEmojiFont(path: string): EmojiFont {
  const data = readFileSync(path);
  const tables = new Map<string, number>();
  for (let at = 12; at < 12 + data.readUInt16BE(4) * 16; at += 16)
    tables.set(data.toString('latin1', at, at + 4), data.readUInt32BE(at + 8));
  const table = (name: string): number => {
    const at = tables.get(name);
    if (at === undefined) throw new Error(`no table ${name} in ${path}`);
    return at;
  };
  const perEm = data.readUInt16BE(table('head') + 18);
  const characters = readCharacters(data, table('cmap'));
  const ligatures = readLigatures(data, table('GSUB'));
  const pictures = readPictures(data, table('CBLC'), table('CBDT'));
  return {
    ascent: data.readInt16BE(table('hhea') + 4) / perEm,
    descent: -data.readInt16BE(table('hhea') + 6) / perEm,
    glyphOf: (emoji) => {
      const codes = [...emoji].map((char) => char.codePointAt(0) ?? 0);
      const glyphs = codes.filter((code) => code !== 0xfe0f).map((code) => characters(code) ?? 0);
      return glyphs.length === 1 ? glyphs[0] || undefined : ligatures.get(glyphs.join());
    },
    read: pictures,
  };
}

/** Glyphs by character, from the groups of a `cmap` of format 12. */
function readCharacters(data: Buffer, cmap: number): (code: number) => number | undefined {
  const groups: [number, number, number][] = [];
  for (let table = 0; table < data.readUInt16BE(cmap + 2); table++) {
    const start = cmap + data.readUInt32BE(cmap + 8 + table * 8);
    if (data.readUInt16BE(start) !== 12) continue;
    for (let group = 0; group < data.readUInt32BE(start + 12); group++) {
      const at = start + 16 + group * 12;
      groups.push([data.readUInt32BE(at), data.readUInt32BE(at + 4), data.readUInt32BE(at + 8)]);
    }
  }
  return (code) => {
    const group = groups.find(([from, to]) => code >= from && code <= to);
    return group && group[2] + code - group[0];
  };
}

/** Glyphs that stand for several others, by those; no other rule is needed for whole emoji. */
function readLigatures(data: Buffer, gsub: number): Map<string, number> {
  const found = new Map<string, number>();
  const list = gsub + data.readUInt16BE(gsub + 8);
  for (const lookup of offsets(data, list, list)) {
    if (data.readUInt16BE(lookup) !== 4) continue;
    for (const part of offsets(data, lookup + 4, lookup)) {
      const first = readCoverage(data, part + data.readUInt16BE(part + 2));
      for (const [index, set] of offsets(data, part + 4, part).entries())
        for (const at of offsets(data, set, set)) {
          const rest = numbers(data, at + 4, data.readUInt16BE(at + 2) - 1);
          const key = [first[index], ...rest].join();
          if (!found.has(key)) found.set(key, data.readUInt16BE(at));
        }
    }
  }
  return found;
}

function readCoverage(data: Buffer, at: number): number[] {
  const count = data.readUInt16BE(at + 2);
  if (data.readUInt16BE(at) === 1) return numbers(data, at + 4, count);
  return Array.from({ length: count }, (_none, range) =>
    numbers(data, at + 4 + range * 6, 2),
  ).flatMap(([from = 0, to = 0]) =>
    Array.from({ length: to - from + 1 }, (_none, step) => from + step),
  );
}

/** Pictures by glyph, from the one size that there is; metrics and a PNG for each. */
function readPictures(data: Buffer, cblc: number, cbdt: number) {
  const size = cblc + 8;
  const list = cblc + data.readUInt32BE(size);
  const pixelsPerEm = data.readUInt8(size + 45);
  return (glyph: number): EmojiGlyph | undefined => {
    for (let range = 0; range < data.readUInt32BE(size + 8); range++) {
      const [first = 0, last = 0] = numbers(data, list + range * 8, 2);
      if (glyph < first || glyph > last) continue;
      const table = list + data.readUInt32BE(list + range * 8 + 4);
      const [indexFormat, imageFormat = 0] = numbers(data, table, 2);
      if (indexFormat !== 1 || (imageFormat !== 17 && imageFormat !== 18)) return undefined;
      const start = cbdt + data.readUInt32BE(table + 4);
      const at = start + data.readUInt32BE(table + 8 + (glyph - first) * 4);
      const metrics = imageFormat === 17 ? 5 : 8;
      const length = data.readUInt32BE(at + metrics);
      const inEm = (value: number) => value / pixelsPerEm;
      return {
        png: data.subarray(at + metrics + 4, at + metrics + 4 + length),
        height: inEm(data.readUInt8(at)),
        width: inEm(data.readUInt8(at + 1)),
        left: inEm(data.readInt8(at + 2)),
        top: inEm(data.readInt8(at + 3)),
        advance: inEm(data.readUInt8(at + 4)),
      };
    }
    return undefined;
  };
}

/** A count of 16 bits at `at`, and so many offsets from `base` behind it. */
function offsets(data: Buffer, at: number, base: number): number[] {
  return numbers(data, at + 2, data.readUInt16BE(at)).map((offset) => base + offset);
}

function numbers(data: Buffer, at: number, count: number): number[] {
  return Array.from({ length: count }, (_none, index) => data.readUInt16BE(at + index * 2));
}
