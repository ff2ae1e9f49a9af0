import { pipeline } from 'node:stream/promises';
import { openBody, readText } from './body.ts';
import { S3Error } from './errors.ts';
import { keptHeaders, type S3Request, sendEmpty, sendXml } from './request.ts';
import type { ObjectMeta } from './storage.ts';
import { readAll, readText as readXmlText } from './xml.ts';

export async function putObject({ request, response, bucket, key, signed, storage }: S3Request) {
  const copySource = request.headers['x-amz-copy-source'];
  assertWritable(request.headers, storage.find(bucket, key));
  if (typeof copySource === 'string')
    return copyObject({ request, response, bucket, key, storage }, copySource);
  const body = openBody(request, signed);
  const received = await storage.receive(bucket, body.stream);
  try {
    const checksums = body.verify();
    // Asked again: another write may have come first while the body was on its way.
    assertWritable(request.headers, storage.find(bucket, key));
    const meta: ObjectMeta = {
      key,
      file: received.file,
      size: received.size,
      etag: `"${received.md5}"`,
      modifiedAt: Date.now(),
      ...keptHeaders(request),
      checksums,
      tags: [],
    };
    await storage.commit(bucket, meta);
    sendEmpty(response, 200, { etag: meta.etag, ...checksums });
  } catch (error) {
    await storage.discard(bucket, received.file);
    throw error;
  }
}

async function copyObject(
  {
    bucket,
    key,
    request,
    response,
    storage,
  }: Omit<S3Request, 'signed' | 'url' | 'uploads' | 'credentials'>,
  copySource: string,
): Promise<void> {
  const [fromBucket = '', ...rest] = decodeURIComponent(copySource).replace(/^\//, '').split('/');
  const source = storage.find(fromBucket, rest.join('/').split('?')[0] ?? '');
  if (!source) throw new S3Error('NoSuchKey');
  const received = await storage.receive(bucket, storage.read(fromBucket, source));
  const replaces = request.headers['x-amz-metadata-directive'] === 'REPLACE';
  const meta: ObjectMeta = {
    ...source,
    ...(replaces ? keptHeaders(request) : {}),
    key,
    file: received.file,
    modifiedAt: Date.now(),
  };
  await storage.commit(bucket, meta);
  sendXml(response, 'CopyObjectResult', [
    ['LastModified', new Date(meta.modifiedAt).toISOString()],
    ['ETag', meta.etag],
  ]);
}

function assertWritable(headers: NodeJS.Dict<string | string[]>, existing?: ObjectMeta): void {
  if (headers['if-none-match'] === '*' && existing) throw new S3Error('PreconditionFailed');
  const match = headers['if-match'];
  if (match !== undefined && match !== '*' && match !== existing?.etag)
    throw new S3Error('PreconditionFailed');
}

export async function getObject({ request, response, url, bucket, key, storage }: S3Request) {
  const meta = storage.find(bucket, key);
  if (!meta) throw new S3Error('NoSuchKey');
  const headers = objectHeaders(meta, url);
  const match = request.headers['if-match'];
  if (match !== undefined && match !== meta.etag) throw new S3Error('PreconditionFailed');
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  const isSame =
    request.headers['if-none-match'] === meta.etag ||
    (request.headers['if-none-match'] === undefined &&
      Math.floor(meta.modifiedAt / 1000) * 1000 <= since);
  if (isSame) {
    response.writeHead(304, { etag: meta.etag });
    response.end();
    return;
  }
  const range = parseRange(request.headers.range, meta.size);
  const wantsChecksum = request.headers['x-amz-checksum-mode'] === 'ENABLED';
  // A checksum speaks of the whole object, so a part of it has none.
  if (wantsChecksum && !range) Object.assign(headers, meta.checksums);
  const length = range ? range.end - range.start + 1 : meta.size;
  if (range) headers['content-range'] = `bytes ${range.start}-${range.end}/${meta.size}`;
  response.writeHead(range ? 206 : 200, { ...headers, 'content-length': length });
  if (request.method === 'HEAD' || meta.size === 0) {
    response.end();
    return;
  }
  await pipeline(storage.read(bucket, meta, range), response);
}

function objectHeaders(meta: ObjectMeta, url: URL): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'binary/octet-stream',
    ...meta.headers,
    etag: meta.etag,
    'last-modified': new Date(meta.modifiedAt).toUTCString(),
    'accept-ranges': 'bytes',
  };
  for (const [name, value] of Object.entries(meta.userMeta)) headers[`x-amz-meta-${name}`] = value;
  for (const [name, value] of url.searchParams) {
    if (name.startsWith('response-')) headers[name.slice('response-'.length)] = value;
  }
  return headers;
}

function parseRange(header: string | undefined, size: number) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const isSuffix = match[1] === '';
  const start = isSuffix ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = isSuffix || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (start > end || start >= size) throw new S3Error('InvalidRange');
  return { start, end };
}

export async function deleteObject({ response, bucket, key, storage }: S3Request) {
  await storage.remove(bucket, key);
  sendEmpty(response, 204);
}

export async function deleteObjects({ request, response, bucket, signed, storage }: S3Request) {
  const xml = await readText(openBody(request, signed));
  const keys = readAll(xml, 'Object').map((object) => readXmlText(object, 'Key') ?? '');
  if (keys.length === 0 || keys.length > 1000) throw new S3Error('MalformedXML');
  for (const key of keys) await storage.remove(bucket, key);
  const isQuiet = readXmlText(xml, 'Quiet') === 'true';
  const deleted = isQuiet ? [] : keys.map((key) => ['Deleted', [['Key', key]]] as const);
  sendXml(response, 'DeleteResult', deleted as never);
}

export async function putTagging({ request, response, bucket, key, signed, storage }: S3Request) {
  const meta = storage.find(bucket, key);
  if (!meta) throw new S3Error('NoSuchKey');
  const xml = await readText(openBody(request, signed));
  const tags = readAll(xml, 'Tag').map((tag): [string, string] => [
    readXmlText(tag, 'Key') ?? '',
    readXmlText(tag, 'Value') ?? '',
  ]);
  await storage.update(bucket, { ...meta, tags });
  sendEmpty(response);
}

export function getTagging({ response, bucket, key, storage }: S3Request): void {
  const meta = storage.find(bucket, key);
  if (!meta) throw new S3Error('NoSuchKey');
  const tags = meta.tags.map(([name, value]) => {
    return [
      'Tag',
      [
        ['Key', name],
        ['Value', value],
      ],
    ] as const;
  });
  sendXml(response, 'Tagging', [['TagSet', tags as never]]);
}
