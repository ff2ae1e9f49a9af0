import { createDecipheriv, createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '@nebula/contract/errors';
import { readXml, type XmlNode } from '../parse/xml.ts';
import type { CompoundFile } from './read-compound-file.ts';

/** What Office itself accepts at most; each one costs a hash. */
const maxSpins = 10_000_000;
const segmentBytes = 4096;

/** The purposes that keys of agile encryption are derived for; see MS-OFFCRYPTO 2.3.4.10. */
const purposes = {
  verifierInput: Buffer.from('fea7d2763b4b9e79', 'hex'),
  verifierValue: Buffer.from('d7aa0f6d3061344e', 'hex'),
  packageKey: Buffer.from('146e0be7abacd0d6', 'hex'),
} as const;

/**
 * Decrypts an Office package: agile encryption (Office 2010 and later) and standard (2007).
 *
 * @returns the ZIP
 * @throws AppError `password_required`, `password_incorrect`, `unsupported_input` (other schemes)
 */
export function decryptPackage(file: CompoundFile, password: string | undefined): Buffer {
  if (password === undefined)
    throw new AppError('password_required', 'The document is encrypted; its password is missing.', {
      param: 'password',
    });
  const info = file.read('EncryptionInfo');
  const content = file.read('EncryptedPackage');
  const major = info.readUInt16LE(0);
  const minor = info.readUInt16LE(2);
  if (major === 4 && minor === 4) return decryptAgile(info.subarray(8), content, password);
  if (minor === 2 && major >= 2 && major <= 4) return decryptStandard(info, content, password);
  throw unsupported(`version ${major}.${minor}`);
}

function decryptAgile(info: Buffer, content: Buffer, password: string): Buffer {
  const root = readXml(info.toString('utf8'));
  const data = find(root, 'keyData');
  const key = find(root, 'encryptedKey');
  if (!data || !key) throw unsupported('a certificate');
  const spins = Number(key.attributes.spinCount);
  if (!(spins >= 0 && spins <= maxSpins)) throw unsupported('its spin count');
  const algorithm = hashName(key);
  const salt = base64(key, 'saltValue');
  let hash = digest(algorithm, salt, Buffer.from(password, 'utf16le'));
  const counter = Buffer.alloc(4);
  for (let spin = 0; spin < spins; spin++) {
    counter.writeUInt32LE(spin);
    hash = digest(algorithm, counter, hash);
  }
  const keyBytes = Number(key.attributes.keyBits) / 8;
  const open = (purpose: Buffer, name: string) =>
    decipher(fit(digest(algorithm, hash, purpose), keyBytes), fit(salt, 16), base64(key, name));
  const input = open(purposes.verifierInput, 'encryptedVerifierHashInput');
  const value = open(purposes.verifierValue, 'encryptedVerifierHashValue');
  const saltBytes = Number(key.attributes.saltSize);
  expectEqual(digest(algorithm, input.subarray(0, saltBytes)), value);
  const packageKey = open(purposes.packageKey, 'encryptedKeyValue').subarray(0, keyBytes);
  return decryptSegments(content, packageKey, base64(data, 'saltValue'), hashName(data));
}

function decryptSegments(content: Buffer, key: Buffer, salt: Buffer, algorithm: string): Buffer {
  const size = Number(content.readBigUInt64LE(0));
  const counter = Buffer.alloc(4);
  const segments: Buffer[] = [];
  for (let at = 8, index = 0; at < content.length; at += segmentBytes, index++) {
    counter.writeUInt32LE(index);
    const iv = fit(digest(algorithm, salt, counter), 16);
    const segment = content.subarray(at, at + segmentBytes);
    segments.push(decipher(key, iv, segment.subarray(0, segment.length & ~15)));
  }
  return Buffer.concat(segments).subarray(0, size);
}

/** AES in ECB mode with 50,000 rounds of SHA-1; see MS-OFFCRYPTO 2.3.4.7. */
function decryptStandard(info: Buffer, content: Buffer, password: string): Buffer {
  const headerBytes = info.readUInt32LE(8);
  const keyBytes = info.readUInt32LE(12 + 16) / 8;
  if (![16, 24, 32].includes(keyBytes)) throw unsupported('its key size');
  const verifier = info.subarray(12 + headerBytes);
  const salt = verifier.subarray(4, 20);
  let hash = digest('sha1', salt, Buffer.from(password, 'utf16le'));
  const counter = Buffer.alloc(4);
  for (let spin = 0; spin < 50_000; spin++) {
    counter.writeUInt32LE(spin);
    hash = digest('sha1', counter, hash);
  }
  hash = digest('sha1', hash, Buffer.alloc(4));
  const pad = (fill: number) => {
    const block = Buffer.alloc(64, fill);
    for (let at = 0; at < hash.length; at++) block[at] = (hash[at] ?? 0) ^ fill;
    return digest('sha1', block);
  };
  const key = Buffer.concat([pad(0x36), pad(0x5c)]).subarray(0, keyBytes);
  const input = decipher(key, undefined, verifier.subarray(20, 36));
  expectEqual(digest('sha1', input), decipher(key, undefined, verifier.subarray(40, 72)));
  const size = Number(content.readBigUInt64LE(0));
  const body = content.subarray(8);
  return decipher(key, undefined, body.subarray(0, body.length & ~15)).subarray(0, size);
}

function expectEqual(computed: Buffer, stored: Buffer): void {
  if (stored.length >= computed.length)
    if (timingSafeEqual(computed, stored.subarray(0, computed.length))) return;
  throw new AppError('password_incorrect', 'The password does not open the document.', {
    param: 'password',
  });
}

function decipher(key: Buffer, iv: Buffer | undefined, data: Buffer): Buffer {
  const mode = `aes-${key.length * 8}-${iv ? 'cbc' : 'ecb'}`;
  const engine = createDecipheriv(mode, key, iv ?? null).setAutoPadding(false);
  return Buffer.concat([engine.update(data), engine.final()]);
}

function digest(algorithm: string, ...parts: Buffer[]): Buffer {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Cut, or filled with 0x36, to the wanted length. */
function fit(bytes: Buffer, length: number): Buffer {
  if (bytes.length >= length) return bytes.subarray(0, length);
  return Buffer.concat([bytes, Buffer.alloc(length - bytes.length, 0x36)]);
}

const hashNames = new Map([
  ['SHA1', 'sha1'],
  ['SHA-1', 'sha1'],
  ['SHA256', 'sha256'],
  ['SHA384', 'sha384'],
  ['SHA512', 'sha512'],
]);

function hashName({ attributes }: XmlNode): string {
  const { cipherAlgorithm, cipherChaining, hashAlgorithm } = attributes;
  const found = hashNames.get(hashAlgorithm ?? '');
  if (found && cipherAlgorithm === 'AES' && cipherChaining === 'ChainingModeCBC') return found;
  throw unsupported(`${cipherAlgorithm} and ${hashAlgorithm}`.slice(0, 60));
}

function base64(node: XmlNode, name: string): Buffer {
  return Buffer.from(node.attributes[name] ?? '', 'base64');
}

function find(node: XmlNode, local: string): XmlNode | undefined {
  if (node.name === local || node.name.endsWith(`:${local}`)) return node;
  for (const child of node.children) {
    const found = find(child, local);
    if (found) return found;
  }
  return undefined;
}

function unsupported(what: string): AppError {
  return new AppError(
    'unsupported_input',
    `The document is encrypted in a way that is not supported (${what}). Save it without a password.`,
    { param: 'file' },
  );
}
