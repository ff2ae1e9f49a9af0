import { AppError } from '@nebula/contract/errors';

const endOfChain = 0xfffffffe;
const maxSectors = 1_000_000;
const header = { sectorShift: 30, directoryStart: 48, miniCutoff: 56, miniFatStart: 60 } as const;

/** The streams of an OLE compound file, by name, as far as they lie in the root storage or below. */
export type CompoundFile = { names: string[]; read: (name: string) => Buffer };

/** Whether a file begins like an OLE compound file. */
export function isCompoundFile(head: Buffer): boolean {
  return head.length >= 512 && head.subarray(0, 8).toString('hex') === 'd0cf11e0a1b11ae1';
}

/**
 * Reads the directory of an OLE compound file, in which encrypted Office packages lie.
 *
 * @throws AppError `corrupt_input` where a chain of sectors leads outside or in a circle
 */
export function readCompoundFile(data: Buffer): CompoundFile {
  const sectorBytes = 1 << data.readUInt16LE(header.sectorShift);
  if (sectorBytes !== 512 && sectorBytes !== 4096) throw damaged('its sector size');
  const sector = (at: number) => {
    const start = (at + 1) * sectorBytes;
    if (start + sectorBytes > data.length + sectorBytes - 1) throw damaged('a sector outside');
    return data.subarray(start, start + sectorBytes);
  };
  const fat = readFat(data, sector, sectorBytes);
  const readChain = (start: number, next: (at: number) => number, piece: typeof sector) => {
    const pieces: Buffer[] = [];
    for (let at = start; at < endOfChain; at = next(at)) {
      if (pieces.length > maxSectors) throw damaged('a circle of sectors');
      pieces.push(piece(at));
    }
    return Buffer.concat(pieces);
  };
  const next = (at: number) => fat[at] ?? endOfChain;
  const entries = readDirectory(readChain(data.readUInt32LE(header.directoryStart), next, sector));
  const root = entries.find(({ type }) => type === 5);
  const miniStream = root ? readChain(root.start, next, sector) : Buffer.alloc(0);
  const miniFat = readChain(data.readUInt32LE(header.miniFatStart), next, sector);
  const nextMini = (at: number) =>
    at * 4 + 4 <= miniFat.length ? miniFat.readUInt32LE(at * 4) : endOfChain;
  const miniSector = (at: number) => {
    if (at * 64 >= miniStream.length) throw damaged('a small sector outside');
    return miniStream.subarray(at * 64, at * 64 + 64);
  };
  const cutoff = data.readUInt32LE(header.miniCutoff);
  return {
    names: entries.map(({ name }) => name),
    read: (name) => {
      const entry = entries.find((each) => each.name === name && each.type === 2);
      if (!entry) throw damaged(`no stream ${name}`);
      const bytes =
        entry.size < cutoff
          ? readChain(entry.start, nextMini, miniSector)
          : readChain(entry.start, next, sector);
      if (bytes.length < entry.size) throw damaged(`a short stream ${name}`);
      return bytes.subarray(0, entry.size);
    },
  };
}

/** The table that says which sector follows which; the first 109 of its sectors are in the header. */
function readFat(data: Buffer, sector: (at: number) => Buffer, sectorBytes: number): Uint32Array {
  const numbers: number[] = [];
  for (let at = 76; at < 512; at += 4) numbers.push(data.readUInt32LE(at));
  let more = data.readUInt32LE(68);
  for (let count = 0; more < endOfChain; count++) {
    if (count > maxSectors / 128) throw damaged('a circle of tables');
    const table = sector(more);
    for (let at = 0; at < sectorBytes - 4; at += 4) numbers.push(table.readUInt32LE(at));
    more = table.readUInt32LE(sectorBytes - 4);
  }
  const used = numbers.filter((number) => number < endOfChain - 1);
  const fat = new Uint32Array(used.length * (sectorBytes / 4));
  used.forEach((number, index) => {
    const table = sector(number);
    for (let at = 0; at < table.length; at += 4)
      fat[index * (sectorBytes / 4) + at / 4] = table.readUInt32LE(at);
  });
  return fat;
}

function readDirectory(bytes: Buffer) {
  const entries: { name: string; type: number; start: number; size: number }[] = [];
  for (let at = 0; at + 128 <= bytes.length; at += 128) {
    const nameBytes = Math.max(0, Math.min(64, bytes.readUInt16LE(at + 64)) - 2);
    const type = bytes.readUInt8(at + 66);
    if (type === 0) continue;
    entries.push({
      name: bytes.toString('utf16le', at, at + nameBytes),
      type,
      start: bytes.readUInt32LE(at + 116),
      size: bytes.readUInt32LE(at + 120),
    });
  }
  return entries;
}

function damaged(what: string): AppError {
  return new AppError('corrupt_input', `The encrypted document is damaged: ${what}.`, {
    param: 'file',
  });
}
