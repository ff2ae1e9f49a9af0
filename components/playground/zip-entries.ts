/** One file inside a ZIP; its size is that of the file once unpacked, in bytes. */
export type ZipEntry = { name: string; size: number };

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const endLength = 22;
const entryLength = 46;
/** The end record may be followed by a comment of at most this length. */
const maxCommentLength = 0xffff;

/** Lists a ZIP from the directory at its end; the contents are not read. Not a ZIP: empty. */
export async function readZipEntries(zip: Blob): Promise<ZipEntry[]> {
  const tail = await view(zip.slice(-(endLength + maxCommentLength)));
  const end = findEnd(tail);
  if (end === undefined) return [];
  const length = tail.getUint32(end + 12, true);
  const start = tail.getUint32(end + 16, true);
  return readDirectory(await view(zip.slice(start, start + length)));
}

function findEnd(tail: DataView): number | undefined {
  for (let at = tail.byteLength - endLength; at >= 0; at--)
    if (tail.getUint32(at, true) === endSignature) return at;
  return undefined;
}

function readDirectory(directory: DataView): ZipEntry[] {
  const entries: ZipEntry[] = [];
  let at = 0;
  while (
    at + entryLength <= directory.byteLength &&
    directory.getUint32(at, true) === entrySignature
  ) {
    const nameLength = directory.getUint16(at + 28, true);
    const rest = directory.getUint16(at + 30, true) + directory.getUint16(at + 32, true);
    const nameEnd = Math.min(at + entryLength + nameLength, directory.byteLength);
    const name = directory.buffer.slice(at + entryLength, nameEnd);
    entries.push({
      name: new TextDecoder().decode(name),
      size: directory.getUint32(at + 24, true),
    });
    at += entryLength + nameLength + rest;
  }
  return entries;
}

const view = async (part: Blob) => new DataView(await part.arrayBuffer());
