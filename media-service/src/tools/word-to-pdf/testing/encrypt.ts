import { createCipheriv, createHash } from 'node:crypto';

const sectorBytes = 512;
const endOfChain = 0xfffffffe;
const free = 0xffffffff;
const fatSector = 0xfffffffd;
const spins = 1_000;

/** A Word document that Word 2010 and later would ask the password for. */
export function encryptDocx(zip: Buffer, password: string): Buffer {
  const salt = Buffer.alloc(16, 7);
  const dataSalt = Buffer.alloc(16, 9);
  const packageKey = Buffer.alloc(32, 5);
  const sha = (...parts: Buffer[]) => createHash('sha512').update(Buffer.concat(parts)).digest();
  const le32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const aes = (key: Buffer, iv: Buffer, data: Buffer) => {
    const engine = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
    return Buffer.concat([engine.update(data), engine.final()]);
  };
  let hash = sha(salt, Buffer.from(password, 'utf16le'));
  for (let spin = 0; spin < spins; spin++) hash = sha(le32(spin), hash);
  const keyFor = (purpose: string) => sha(hash, Buffer.from(purpose, 'hex')).subarray(0, 32);
  const verifier = Buffer.alloc(16, 3);
  const input = aes(keyFor('fea7d2763b4b9e79'), salt, verifier).toString('base64');
  const value = aes(keyFor('d7aa0f6d3061344e'), salt, sha(verifier)).toString('base64');
  const key = aes(keyFor('146e0be7abacd0d6'), salt, packageKey).toString('base64');
  const common = (saltValue: Buffer) =>
    `saltSize="16" blockSize="16" keyBits="256" hashSize="64" cipherAlgorithm="AES" cipherChaining="ChainingModeCBC" hashAlgorithm="SHA512" saltValue="${saltValue.toString('base64')}"`;
  const info = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><encryption xmlns="http://schemas.microsoft.com/office/2006/encryption" xmlns:p="http://schemas.microsoft.com/office/2006/keyEncryptor/password"><keyData ${common(dataSalt)}/><keyEncryptors><keyEncryptor uri="http://schemas.microsoft.com/office/2006/keyEncryptor/password"><p:encryptedKey spinCount="${spins}" ${common(salt)} encryptedVerifierHashInput="${input}" encryptedVerifierHashValue="${value}" encryptedKeyValue="${key}"/></keyEncryptor></keyEncryptors></encryption>`;
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(zip.length));
  const segments: Buffer[] = [size];
  for (let at = 0, index = 0; at < zip.length; at += 4096, index++) {
    const segment = zip.subarray(at, at + 4096);
    const padded = Buffer.concat([segment, Buffer.alloc((16 - (segment.length % 16)) % 16)]);
    segments.push(aes(packageKey, sha(dataSalt, le32(index)).subarray(0, 16), padded));
  }
  return compoundFile({
    EncryptionInfo: Buffer.concat([Buffer.from('0400040040000000', 'hex'), Buffer.from(info)]),
    EncryptedPackage: Buffer.concat(segments),
  });
}

/** An OLE file with the given streams; small ones lie in its mini stream. */
export function compoundFile(streams: Record<string, Buffer>): Buffer {
  const names = Object.keys(streams);
  const entries = [{ name: 'Root Entry', type: 5, start: endOfChain, size: 0 }];
  const sectors: Buffer[] = [];
  const chain: number[] = [];
  const add = (data: Buffer): number => {
    const start = sectors.length;
    const count = Math.max(1, Math.ceil(data.length / sectorBytes));
    for (let at = 0; at < count; at++) {
      const sector = Buffer.alloc(sectorBytes);
      data.copy(sector, 0, at * sectorBytes, (at + 1) * sectorBytes);
      chain[sectors.length] = at === count - 1 ? endOfChain : sectors.length + 1;
      sectors.push(sector);
    }
    return start;
  };
  const mini: Buffer[] = [];
  const miniChain: number[] = [];
  for (const name of names) {
    const data = streams[name] ?? Buffer.alloc(0);
    if (data.length >= 4096) {
      entries.push({ name, type: 2, start: add(data), size: data.length });
      continue;
    }
    const count = Math.max(1, Math.ceil(data.length / 64));
    const start = miniChain.length;
    for (let at = 1; at < count; at++) miniChain.push(start + at);
    miniChain.push(endOfChain);
    mini.push(Buffer.concat([data, Buffer.alloc(count * 64 - data.length)]));
    entries.push({ name, type: 2, start, size: data.length });
  }
  const miniFat = Buffer.alloc(Math.ceil(miniChain.length / 128) * sectorBytes, 0xff);
  for (const [index, next] of miniChain.entries()) miniFat.writeUInt32LE(next, index * 4);
  const hasMini = mini.length > 0;
  const miniFatStart = hasMini ? add(miniFat) : endOfChain;
  const root = entries[0];
  if (root && hasMini) {
    root.size = miniChain.length * 64;
    root.start = add(Buffer.concat(mini));
  }
  const directory = Buffer.alloc(Math.ceil(entries.length / 4) * sectorBytes);
  entries.forEach(({ name, size, start, type }, index) => {
    const at = index * 128;
    directory.write(name, at, 'utf16le');
    directory.writeUInt16LE((name.length + 1) * 2, at + 64);
    directory.writeUInt8(type, at + 66);
    directory.writeUInt32LE(start, at + 116);
    directory.writeUInt32LE(size, at + 120);
  });
  const directoryStart = add(directory);
  const perSector = sectorBytes / 4;
  let fatCount = 1;
  while (fatCount * perSector < sectors.length + fatCount) fatCount += 1;
  const fat = Buffer.alloc(fatCount * sectorBytes, 0xff);
  for (const [index, next] of chain.entries()) fat.writeUInt32LE(next, index * 4);
  const fatStart = sectors.length;
  for (let at = 0; at < fatCount; at++) fat.writeUInt32LE(fatSector, (fatStart + at) * 4);
  const header = Buffer.alloc(sectorBytes);
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(header);
  header.writeUInt16LE(0x3e, 24);
  header.writeUInt16LE(3, 26);
  header.writeUInt16LE(0xfffe, 28);
  header.writeUInt16LE(9, 30);
  header.writeUInt16LE(6, 32);
  header.writeUInt32LE(fatCount, 44);
  header.writeUInt32LE(directoryStart, 48);
  header.writeUInt32LE(4096, 56);
  header.writeUInt32LE(miniFatStart, 60);
  header.writeUInt32LE(endOfChain, 68);
  for (let at = 0; at < 109; at++)
    header.writeUInt32LE(at < fatCount ? fatStart + at : free, 76 + at * 4);
  return Buffer.concat([header, ...sectors, fat]);
}
