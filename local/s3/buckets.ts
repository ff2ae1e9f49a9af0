import { openBody, readText } from './body.ts';
import { S3Error } from './errors.ts';
import { type S3Request, sendEmpty, sendXml } from './request.ts';
import type { ObjectMeta } from './storage.ts';
import { type Node, readAll, readText as readXmlText } from './xml.ts';

const maxKeysLimit = 1000;

export function createBucket({ response, bucket, storage }: S3Request): void {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw new S3Error('InvalidArgument', 'The bucket name is not valid.');
  if (storage.hasBucket(bucket)) throw new S3Error('BucketAlreadyOwnedByYou');
  storage.createBucket(bucket);
  sendEmpty(response, 200, { location: `/${bucket}` });
}

export function listObjects({ response, url, bucket, storage }: S3Request): void {
  const query = url.searchParams;
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const maxKeys = Math.min(Number(query.get('max-keys') ?? maxKeysLimit), maxKeysLimit);
  const token = query.get('continuation-token');
  const after = token
    ? Buffer.from(token, 'base64url').toString()
    : (query.get('start-after') ?? '');
  const encode = query.get('encoding-type') === 'url' ? encodeURIComponent : (text: string) => text;
  const contents: ObjectMeta[] = [];
  const prefixes = new Set<string>();
  let last = '';
  let isTruncated = false;
  for (const meta of storage.list(bucket)) {
    if (!meta.key.startsWith(prefix) || compare(meta.key, after) <= 0) continue;
    const group = commonPrefix(meta.key, prefix, delimiter);
    if (group !== undefined && (prefixes.has(group) || after.startsWith(group))) continue;
    if (contents.length + prefixes.size >= maxKeys) {
      isTruncated = true;
      break;
    }
    if (group === undefined) contents.push(meta);
    else prefixes.add(group);
    last = group ?? meta.key;
  }
  sendXml(response, 'ListBucketResult', [
    ['Name', bucket],
    ['Prefix', encode(prefix)],
    ['KeyCount', contents.length + prefixes.size],
    ['MaxKeys', maxKeys],
    ['IsTruncated', isTruncated],
    ...(isTruncated
      ? [['NextContinuationToken', Buffer.from(last).toString('base64url')] as Node]
      : []),
    ...contents.map((meta): Node => {
      const modified = new Date(meta.modifiedAt).toISOString();
      const facts: Node[] = [
        ['Key', encode(meta.key)],
        ['LastModified', modified],
      ];
      return ['Contents', [...facts, ['ETag', meta.etag], ['Size', meta.size]]];
    }),
    ...[...prefixes].map((group): Node => ['CommonPrefixes', [['Prefix', encode(group)]]]),
  ]);
}

function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  const at = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

const compare = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

export function listBuckets({ response, storage }: S3Request): void {
  const buckets = storage.buckets().map((name): Node => ['Bucket', [['Name', name]]]);
  sendXml(response, 'ListAllMyBucketsResult', [['Buckets', buckets]]);
}

export async function putCors({ request, response, bucket, signed, storage }: S3Request) {
  const xml = await readText(openBody(request, signed));
  const cors = readAll(xml, 'CORSRule').map((rule) => ({
    origins: readAll(rule, 'AllowedOrigin'),
    methods: readAll(rule, 'AllowedMethod'),
    headers: readAll(rule, 'AllowedHeader'),
    expose: readAll(rule, 'ExposeHeader'),
  }));
  if (cors.length === 0) throw new S3Error('MalformedXML');
  await storage.setConfig(bucket, { cors });
  sendEmpty(response);
}

export function getCors({ response, bucket, storage }: S3Request): void {
  const { cors } = storage.config(bucket);
  if (!cors) throw new S3Error('NoSuchCORSConfiguration');
  const each = (name: string, values: string[]) => values.map((value): Node => [name, value]);
  sendXml(
    response,
    'CORSConfiguration',
    cors.map(
      ({ expose, headers, methods, origins }): Node => [
        'CORSRule',
        [
          ...each('AllowedOrigin', origins),
          ...each('AllowedMethod', methods),
          ...each('AllowedHeader', headers),
          ...each('ExposeHeader', expose),
        ],
      ],
    ),
  );
}

export async function putLifecycle({ request, response, bucket, signed, storage }: S3Request) {
  const xml = await readText(openBody(request, signed));
  const rules = readAll(xml, 'Rule').flatMap((rule) => {
    const days = Number(readXmlText(rule, 'Days'));
    const isOn = readXmlText(rule, 'Status') === 'Enabled' && days > 0;
    return isOn ? [{ prefix: readXmlText(rule, 'Prefix') ?? '', days }] : [];
  });
  await storage.setConfig(bucket, { lifecycle: xml, rules });
  sendEmpty(response);
}

export function getLifecycle({ response, bucket, storage }: S3Request): void {
  const { lifecycle } = storage.config(bucket);
  if (!lifecycle) throw new S3Error('NoSuchLifecycleConfiguration');
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(lifecycle);
}

export async function deleteBucket({ response, bucket, storage }: S3Request) {
  if (storage.list(bucket).length > 0)
    throw new S3Error('InvalidRequest', 'The bucket is not empty.');
  await storage.deleteBucket(bucket);
  sendEmpty(response, 204);
}
