import type { RawPage } from '../../engines/ghostscript/read-pixels.ts';

const sampledRows = 96;
const flatShare = 0.82;

/**
 * Tells a page of pictures from a page of text: in text and drawings most pixels are like the one
 * before them, in photographs few are. Looks at some rows only.
 */
export function looksLikePhoto({ channels, data, height, width }: RawPage): boolean {
  const step = Math.max(1, Math.floor(height / sampledRows));
  const rowBytes = width * channels;
  let flat = 0;
  let seen = 0;
  for (let row = step >> 1; row < height; row += step) {
    const end = (row + 1) * rowBytes;
    for (let at = row * rowBytes + channels; at < end; at += channels) {
      if (data[at] === data[at - channels]) flat += 1;
      seen += 1;
    }
  }
  return seen > 0 && flat / seen < flatShare;
}
