/** Matroska elements by hand: an id, a length of eight bytes, and what is inside. */
function element(id: string, ...inside: (Buffer | number | string)[]): Buffer {
  const body = Buffer.concat(inside.map((part) => toBytes(part)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(body.length) | (1n << 56n));
  return Buffer.concat([Buffer.from(id, 'hex'), length, body]);
}

function toBytes(part: Buffer | number | string): Buffer {
  if (typeof part === 'string') return Buffer.from(part);
  if (typeof part !== 'number') return part;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(part);
  return bytes;
}

/** A Matroska file with nothing but a list of tracks. */
export function matroskaWithTracks(count: number): Buffer {
  const tracks = Array.from({ length: count }, (_none, at) =>
    element(
      'ae',
      element('d7', at + 1),
      element('73c5', at + 1),
      element('83', Buffer.from([1])),
      element('86', 'V_MPEG4/ISO/ASP'),
      element('e0', element('b0', 64), element('ba', 48)),
    ),
  );
  const head = element('1a45dfa3', element('4282', 'matroska'));
  return Buffer.concat([head, element('18538067', element('1654ae6b', ...tracks))]);
}

/** Gives an element of a Matroska file that is a number of eight bytes another value. */
export function patchMatroska(data: Buffer, id: string, value: number): Buffer {
  const patched = Buffer.from(data);
  const key = Buffer.from(`${id}88`, 'hex');
  patched.writeDoubleBE(value, patched.indexOf(key) + key.length);
  return patched;
}

/**
 * Replaces what is inside a box of an MP4 whose `moov` is its last box, so that no offset moves.
 *
 * @param path names of the boxes from `moov` down; the first of each name is taken
 */
export function replaceBox(data: Buffer, path: string[], body: Buffer): Buffer {
  const inside: { start: number; size: number }[] = [];
  let from = 0;
  for (const name of path) {
    const start = data.indexOf(name, from, 'latin1') - 4;
    if (start < 0) throw new Error(`no box ${name}`);
    inside.push({ start, size: data.readUInt32BE(start) });
    from = start + 8;
  }
  const last = inside.at(-1);
  if (!last) return data;
  const growth = body.length + 8 - last.size;
  const end = last.start + last.size;
  const grown = Buffer.concat([data.subarray(0, last.start + 8), body, data.subarray(end)]);
  for (const { size, start } of inside) grown.writeUInt32BE(size + growth, start);
  return grown;
}

/** An edit list that plays the same second again and again. */
export function editList(times: number): Buffer {
  const list = Buffer.alloc(8 + times * 12);
  list.writeUInt32BE(times, 4);
  for (let at = 0; at < times; at++) {
    list.writeUInt32BE(1000, 8 + at * 12);
    list.writeUInt32BE(0, 12 + at * 12);
    list.writeUInt32BE(0x0001_0000, 16 + at * 12);
  }
  return list;
}

/** A data reference to another file instead of the file itself. */
export function foreignReference(address: string): Buffer {
  const entry = Buffer.concat([Buffer.from('\0\0\0\0url \0\0\0\0'), Buffer.from(`${address}\0`)]);
  entry.writeUInt32BE(entry.length, 0);
  return Buffer.concat([Buffer.from('\0\0\0\0\0\0\0\x01', 'latin1'), entry]);
}

/** Another number of channels for the sound of a Matroska file. */
export function withChannels(data: Buffer, count: number): Buffer {
  const patched = Buffer.from(data);
  patched.writeUInt8(count, patched.indexOf(Buffer.from('9f81', 'hex')) + 2);
  return patched;
}

/** A part of a RIFF file; its length is even. */
function riff(id: string, ...inside: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(inside.map((part) => Buffer.from(part)));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from(id), length, body, Buffer.alloc(body.length % 2)]);
}

/** An AVI with the pictures of another one, and a playlist as its subtitles. */
export function aviWithPlaylist(avi: Buffer, playlist: string): Buffer {
  const name = Buffer.from('x\0', 'utf16le');
  const sizes = Buffer.alloc(10);
  sizes.writeUInt16LE(2);
  sizes.writeUInt32LE(name.length, 2);
  sizes.writeUInt16LE(4, 6);
  const text = Buffer.alloc(4);
  text.writeUInt32LE(playlist.length);
  const subtitles = Buffer.concat([
    Buffer.from('GAB2\0'),
    sizes.subarray(0, 6),
    name,
    sizes.subarray(6, 8),
    text,
    Buffer.from(playlist),
  ]);
  const head = Buffer.alloc(56);
  head.write('txts');
  head.writeUInt32LE(1, 20);
  head.writeUInt32LE(1, 24);
  const track = riff('LIST', 'strl', riff('strh', head), riff('strf', ''));
  // The header list, which begins behind `RIFF....AVI `, gets one track more.
  const headers = avi.subarray(24, 20 + avi.readUInt32LE(16));
  const movie = avi.indexOf('LIST', 20 + avi.readUInt32LE(16));
  const pictures = avi.subarray(movie + 12, movie + 8 + avi.readUInt32LE(movie + 4));
  return riff(
    'RIFF',
    'AVI ',
    riff('LIST', 'hdrl', headers, track),
    riff('LIST', 'movi', riff('01tx', subtitles), pictures),
  );
}
