import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { S3Error } from './errors.ts';

export type Credentials = { accessKeyId: string; secretAccessKey: string };

/** What a valid signature says of the body. */
export type Signed = {
  /** `UNSIGNED-PAYLOAD`, `STREAMING-…`, or the SHA-256 of the body in hex. */
  payloadHash: string;
  /** For signed chunks: the key, and the signature that the first chunk continues. */
  chunk?: { key: Buffer; scope: string; date: string; seed: string };
};

const maxSkewMilliseconds = 15 * 60 * 1000;
const algorithm = 'AWS4-HMAC-SHA256';

/** Checks the SigV4 signature of a request, in its headers or in its query. */
export function verifySignature(request: IncomingMessage, url: URL, own: Credentials): Signed {
  if (url.searchParams.has('X-Amz-Signature')) return verifyQuery(request, url, own);
  return verifyHeader(request, url, own);
}

function verifyHeader(request: IncomingMessage, url: URL, own: Credentials): Signed {
  const header = request.headers.authorization ?? '';
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/.exec(
      header,
    );
  if (!match) throw new S3Error('AccessDenied', 'The request is not signed.');
  const [, credential = '', signedHeaders = '', signature = ''] = match;
  const date = String(request.headers['x-amz-date'] ?? '');
  if (Math.abs(Date.now() - parseDate(date)) > maxSkewMilliseconds)
    throw new S3Error('RequestTimeTooSkewed');
  const payloadHash = String(request.headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD');
  const { key, scope } = signingKey(credential, date, own);
  const canonical = canonicalRequest(request, url, signedHeaders, payloadHash);
  assertSignature(sign(key, date, scope, canonical), signature);
  return { payloadHash, chunk: { key, scope, date, seed: signature } };
}

function verifyQuery(request: IncomingMessage, url: URL, own: Credentials): Signed {
  const { searchParams } = url;
  const value = (name: string) => searchParams.get(`X-Amz-${name}`) ?? '';
  if (value('Algorithm') !== algorithm) throw new S3Error('AccessDenied', 'Unknown algorithm.');
  const date = value('Date');
  const signedAt = parseDate(date);
  const expires = Number(value('Expires'));
  if (!(expires >= 1 && expires <= 604_800))
    throw new S3Error('AccessDenied', 'X-Amz-Expires must be between 1 and 604800 seconds.');
  if (signedAt - maxSkewMilliseconds > Date.now()) throw new S3Error('RequestTimeTooSkewed');
  if (Date.now() > signedAt + expires * 1000)
    throw new S3Error('AccessDenied', 'Request has expired');
  const { key, scope } = signingKey(value('Credential'), date, own);
  const canonical = canonicalRequest(request, url, value('SignedHeaders'), 'UNSIGNED-PAYLOAD');
  assertSignature(sign(key, date, scope, canonical), value('Signature'));
  return { payloadHash: 'UNSIGNED-PAYLOAD' };
}

/** Checks the signature of a POST policy (browser form upload). */
export function verifyPolicy(fields: Map<string, string>, own: Credentials): void {
  const date = fields.get('x-amz-date') ?? '';
  const { key } = signingKey(fields.get('x-amz-credential') ?? '', date, own);
  const expected = createHmac('sha256', key)
    .update(fields.get('policy') ?? '')
    .digest('hex');
  assertSignature(expected, fields.get('x-amz-signature') ?? '');
}

/** The signature of one chunk of a signed streaming body; it becomes the seed of the next. */
export function signChunk(chunk: NonNullable<Signed['chunk']>, dataHash: string): string {
  const text = [
    'AWS4-HMAC-SHA256-PAYLOAD',
    chunk.date,
    chunk.scope,
    chunk.seed,
    sha256(''),
    dataHash,
  ];
  return createHmac('sha256', chunk.key).update(text.join('\n')).digest('hex');
}

function signingKey(credential: string, date: string, own: Credentials) {
  const [accessKeyId, day = '', region = '', service = '', end = ''] = credential.split('/');
  if (accessKeyId !== own.accessKeyId) throw new S3Error('InvalidAccessKeyId');
  if (day !== date.slice(0, 8) || service !== 's3' || end !== 'aws4_request')
    throw new S3Error('AccessDenied', 'The credential scope is not valid.');
  const hmac = (key: string | Buffer, text: string) =>
    createHmac('sha256', key).update(text).digest();
  const key = [day, region, service, end].reduce<string | Buffer>(
    hmac,
    `AWS4${own.secretAccessKey}`,
  ) as Buffer;
  return { key, scope: [day, region, service, end].join('/') };
}

function sign(key: Buffer, date: string, scope: string, canonical: string): string {
  const text = [algorithm, date, scope, sha256(canonical)].join('\n');
  return createHmac('sha256', key).update(text).digest('hex');
}

function canonicalRequest(
  request: IncomingMessage,
  url: URL,
  signedHeaders: string,
  payloadHash: string,
): string {
  const query = [...url.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort();
  const names = signedHeaders.split(';');
  if (!names.includes('host')) throw new S3Error('AccessDenied', 'The host must be signed.');
  const headers = names.map((name) => {
    const value = request.headers[name];
    return `${name}:${[value ?? ''].flat().join(',').trim().replace(/\s+/g, ' ')}\n`;
  });
  const path = rawPath(request).split('/').map(decodeURIComponent).map(encode).join('/');
  return [request.method, path, query.join('&'), headers.join(''), signedHeaders, payloadHash].join(
    '\n',
  );
}

/** The path as it was sent: a URL parser would fold `..`, which is a plain part of a key. */
export function rawPath(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0] ?? '/';
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function assertSignature(expected: string, actual: string): void {
  const a = Buffer.from(expected);
  const b = Buffer.from(actual);
  if (a.length !== b.length || !timingSafeEqual(a, b)) throw new S3Error('SignatureDoesNotMatch');
}

function parseDate(date: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  if (!match) throw new S3Error('AccessDenied', 'The date of the signature is not valid.');
  const [year = 0, month = 1, ...rest] = match.slice(1).map(Number);
  const [day, hour, minute, second] = rest;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

export const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');
