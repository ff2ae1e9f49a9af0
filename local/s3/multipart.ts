import { createHash, randomUUID } from 'node:crypto';
import { openBody, readText } from './body.ts';
import { S3Error } from './errors.ts';
import { keptHeaders, type S3Request, sendEmpty, sendXml } from './request.ts';
import { readAll, readText as readXmlText } from './xml.ts';

type Part = { file: string; size: number; md5: string };
type Upload = {
  bucket: string;
  key: string;
  startedAt: number;
  kept: ReturnType<typeof keptHeaders>;
  parts: Map<number, Part>;
};

/** Uploads in parts that are under way. A restart forgets them, as an abort would. */
export type MultipartUploads = Map<string, Upload>;

const minPartBytes = 5 * 1024 * 1024;

export function createUpload({ request, response, bucket, key, uploads }: S3Request): void {
  const id = randomUUID();
  uploads.set(id, {
    bucket,
    key,
    startedAt: Date.now(),
    kept: keptHeaders(request),
    parts: new Map(),
  });
  sendXml(response, 'InitiateMultipartUploadResult', [
    ['Bucket', bucket],
    ['Key', key],
    ['UploadId', id],
  ]);
}

export async function uploadPart(context: S3Request): Promise<void> {
  const { request, response, url, bucket, signed, storage } = context;
  const upload = findUpload(context);
  const number = Number(url.searchParams.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > 10_000)
    throw new S3Error('InvalidArgument', 'Part number must be between 1 and 10000.');
  const body = openBody(request, signed);
  const received = await storage.receive(bucket, body.stream);
  try {
    const checksums = body.verify();
    const before = upload.parts.get(number);
    upload.parts.set(number, received);
    if (before) await storage.discard(bucket, before.file);
    sendEmpty(response, 200, { etag: `"${received.md5}"`, ...checksums });
  } catch (error) {
    await storage.discard(bucket, received.file);
    throw error;
  }
}

export function listParts(context: S3Request): void {
  const upload = findUpload(context);
  const parts = [...upload.parts].sort(([a], [b]) => a - b);
  sendXml(context.response, 'ListPartsResult', [
    ['Bucket', upload.bucket],
    ['Key', upload.key],
    ['UploadId', context.url.searchParams.get('uploadId') ?? ''],
    ['IsTruncated', false],
    ...parts.map(([number, part]) => {
      return [
        'Part',
        [
          ['PartNumber', number],
          ['ETag', `"${part.md5}"`],
          ['Size', part.size],
        ],
      ] as never;
    }),
  ]);
}

export async function completeUpload(context: S3Request): Promise<void> {
  const { request, response, bucket, signed, storage, uploads } = context;
  const upload = findUpload(context);
  const xml = await readText(openBody(request, signed));
  const wanted = readAll(xml, 'Part').map((part) => ({
    number: Number(readXmlText(part, 'PartNumber')),
    etag: (readXmlText(part, 'ETag') ?? '').replaceAll('"', ''),
  }));
  const parts = wanted.map(({ etag, number }, at) => {
    const part = upload.parts.get(number);
    if (!part || part.md5 !== etag || number <= (wanted[at - 1]?.number ?? 0))
      throw new S3Error('InvalidPart');
    if (at < wanted.length - 1 && part.size < minPartBytes) throw new S3Error('EntityTooSmall');
    return part;
  });
  if (parts.length === 0) throw new S3Error('MalformedXML');
  const file = await storage.join(
    bucket,
    parts.map((part) => part.file),
  );
  const md5 = createHash('md5');
  for (const part of parts) md5.update(Buffer.from(part.md5, 'hex'));
  const etag = `"${md5.digest('hex')}-${parts.length}"`;
  await storage.commit(bucket, {
    key: upload.key,
    file,
    size: parts.reduce((sum, part) => sum + part.size, 0),
    etag,
    modifiedAt: Date.now(),
    ...upload.kept,
    checksums: {},
    tags: [],
  });
  await forgetUpload(context, upload);
  uploads.delete(context.url.searchParams.get('uploadId') ?? '');
  sendXml(response, 'CompleteMultipartUploadResult', [
    ['Location', `/${bucket}/${upload.key}`],
    ['Bucket', bucket],
    ['Key', upload.key],
    ['ETag', etag],
  ]);
}

export async function abortUpload(context: S3Request): Promise<void> {
  const upload = findUpload(context);
  await forgetUpload(context, upload);
  context.uploads.delete(context.url.searchParams.get('uploadId') ?? '');
  sendEmpty(context.response, 204);
}

export function listUploads({ response, bucket, uploads }: S3Request): void {
  const open = [...uploads].filter(([, upload]) => upload.bucket === bucket);
  sendXml(response, 'ListMultipartUploadsResult', [
    ['Bucket', bucket],
    ['IsTruncated', false],
    ...open.map(([id, upload]) => {
      const initiated = new Date(upload.startedAt).toISOString();
      return [
        'Upload',
        [
          ['Key', upload.key],
          ['UploadId', id],
          ['Initiated', initiated],
        ],
      ] as never;
    }),
  ]);
}

function findUpload({ url, bucket, key, uploads }: S3Request): Upload {
  const upload = uploads.get(url.searchParams.get('uploadId') ?? '');
  if (!upload || upload.bucket !== bucket || upload.key !== key) throw new S3Error('NoSuchUpload');
  return upload;
}

async function forgetUpload({ bucket, storage }: S3Request, upload: Upload): Promise<void> {
  for (const part of upload.parts.values()) await storage.discard(bucket, part.file);
}
