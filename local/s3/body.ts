import { createHash, type Hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { PassThrough, pipeline, type Readable, Transform } from 'node:stream';
import { crc32 } from 'node:zlib';
import { decodeChunked } from './chunked.ts';
import { S3Error } from './errors.ts';
import type { Signed } from './signature.ts';

/** A request body in the clear; `verify` throws when a stated hash or checksum does not match. */
export type Body = { stream: Readable; verify: () => Record<string, string> };

/** Opens the body of a PUT: decodes aws-chunked, and checks SHA-256, MD5, CRC32 and length. */
export function openBody(request: IncomingMessage, { chunk, payloadHash }: Signed): Body {
  const headers = request.headers;
  const expected = new Map<string, string>();
  for (const name of ['x-amz-checksum-crc32', 'x-amz-checksum-sha256', 'content-md5']) {
    const value = headers[name];
    if (typeof value === 'string') expected.set(name, value);
  }
  const isStreaming = payloadHash.startsWith('STREAMING-');
  const isChunkSigned = payloadHash.startsWith('STREAMING-AWS4-HMAC-SHA256-PAYLOAD');
  const sha = createHash('sha256');
  const md5 = createHash('md5');
  let crc = 0;
  let size = 0;
  const count = new Transform({
    transform(data: Buffer, _encoding, done) {
      sha.update(data);
      md5.update(data);
      crc = crc32(data, crc);
      size += data.length;
      done(null, data);
    },
  });
  const stages = isStreaming
    ? [decodeChunked(isChunkSigned ? chunk : undefined, (name, value) => expected.set(name, value))]
    : [new PassThrough()];
  pipeline([request, ...stages, count], () => {});
  const verify = () => {
    const declared = headers['x-amz-decoded-content-length'];
    if (declared !== undefined && Number(declared) !== size) throw new S3Error('IncompleteBody');
    const digest = sha.digest();
    if (/^[0-9a-f]{64}$/.test(payloadHash)) assertEqual(payloadHash, digest.toString('hex'));
    const actual = checksumsOf(digest, md5, crc);
    for (const [name, value] of expected) {
      if (name in actual) assertEqual(value, actual[name] ?? '');
    }
    const { 'content-md5': _md5, ...checksums } = actual;
    return Object.fromEntries(Object.entries(checksums).filter(([name]) => expected.has(name)));
  };
  return { stream: count, verify };
}

function checksumsOf(sha: Buffer, md5: Hash, crc: number): Record<string, string> {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc);
  return {
    'x-amz-checksum-crc32': bytes.toString('base64'),
    'x-amz-checksum-sha256': sha.toString('base64'),
    'content-md5': md5.digest('base64'),
  };
}

function assertEqual(stated: string, actual: string): void {
  const a = Buffer.from(stated);
  const b = Buffer.from(actual);
  if (a.length !== b.length || !timingSafeEqual(a, b))
    throw new S3Error('BadDigest', 'The body does not match its stated checksum.');
}

/** A small body as text; S3's XML documents stay far below the limit. */
export async function readText(body: Body, maxBytes = 1024 * 1024): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body.stream) {
    size += (chunk as Buffer).length;
    if (size > maxBytes) throw new S3Error('EntityTooLarge');
    chunks.push(chunk as Buffer);
  }
  body.verify();
  return Buffer.concat(chunks).toString('utf8');
}
