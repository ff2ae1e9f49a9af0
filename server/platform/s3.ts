import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { isAppError } from '@nebula/contract/errors';
import { contentDisposition } from '@nebula/contract/filename';
import { env } from '../env.ts';
import { asUnavailable } from './outage.ts';

/** How long a presigned address works, in seconds. */
export const presignSeconds = 15 * 60;

const system = 'The store of files';
let client: S3Client | undefined;

/** The client of the store; platform alone talks to it. */
export function s3(): S3Client {
  const { S3_ACCESS_KEY_ID, S3_ENDPOINT, S3_REGION, S3_SECRET_ACCESS_KEY } = env();
  client ??= new S3Client({
    endpoint: S3_ENDPOINT,
    region: S3_REGION,
    forcePathStyle: S3_ENDPOINT !== undefined,
    // Otherwise presigned PUTs carry the checksum of an empty body, which R2 refuses.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 2_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
      // Long enough for a caller that takes its bytes slowly.
      socketTimeout: 60_000,
    },
    ...(S3_ACCESS_KEY_ID && S3_SECRET_ACCESS_KEY
      ? { credentials: { accessKeyId: S3_ACCESS_KEY_ID, secretAccessKey: S3_SECRET_ACCESS_KEY } }
      : {}),
  });
  client.middlewareStack.add(
    (next) => (args) =>
      next(args).catch((error: unknown) => {
        throw asUnavailable(system, error);
      }),
    { step: 'initialize', name: 'translateErrors', override: true },
  );
  return client;
}

/** For calls that move bytes: they may take as long as some of them come. */
export const isLong = { requestTimeout: 0 };

const maxPuts = 3;
const putPauseMilliseconds = 200;

/** Creates the bucket where it is missing and may be created. */
export async function ensureBucket(): Promise<void> {
  const Bucket = env().S3_BUCKET;
  try {
    await s3().send(new HeadBucketCommand({ Bucket }));
  } catch {
    await s3().send(new CreateBucketCommand({ Bucket }));
  }
}

/** Whether the bucket answers. */
export async function checkBucket(signal: AbortSignal): Promise<void> {
  await s3().send(new HeadBucketCommand({ Bucket: env().S3_BUCKET }), { abortSignal: signal });
}

/** A store that takes less than a megabyte in a second is as good as none. */
const putMilliseconds = (size: number) => 5_000 + size / 1_000;

/** Stores a file from disk, streamed. */
export async function storeFile(
  key: string,
  file: { path: string; size: number; mime: string },
  signal?: AbortSignal,
): Promise<void> {
  const put = async () => {
    const body = createReadStream(file.path);
    const command = new PutObjectCommand({
      Bucket: env().S3_BUCKET,
      Key: key,
      Body: body,
      ContentLength: file.size,
      ContentType: file.mime,
    });
    const requestTimeout = putMilliseconds(file.size);
    try {
      await s3().send(command, { requestTimeout, abortSignal: signal });
    } finally {
      // The client leaves open what it has not begun to send.
      body.destroy();
    }
  };
  // The client does not repeat what it reads from a stream.
  for (let puts = 1; ; puts++) {
    try {
      await put();
      return;
    } catch (error) {
      if (!isAppError(error) || puts === maxPuts) throw error;
      await delay(putPauseMilliseconds * 2 ** puts, undefined, { signal });
    }
  }
}

/** Stores a short text. */
export async function storeText(key: string, text: string): Promise<void> {
  const type = 'application/json';
  const command = { Bucket: env().S3_BUCKET, Key: key, Body: text, ContentType: type };
  await s3().send(new PutObjectCommand(command));
}

/** A stored text; rejects when there is none. */
export async function readText(key: string, signal?: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readStored(key, signal)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Copies an object inside the store. */
export async function copyStored(from: string, to: string): Promise<void> {
  const { S3_BUCKET: Bucket } = env();
  const CopySource = `${Bucket}/${from}`;
  await s3().send(new CopyObjectCommand({ Bucket, Key: to, CopySource }), isLong);
}

/** Deletes every object below a folder of the bucket; `folder` ends with a slash. */
export async function deleteFolder(folder: string): Promise<void> {
  const { S3_BUCKET: Bucket } = env();
  for (;;) {
    const list = new ListObjectsV2Command({ Bucket, Prefix: folder, MaxKeys: 1000 });
    const { Contents = [], IsTruncated } = await s3().send(list);
    if (Contents.length === 0) return;
    const Objects = Contents.map(({ Key }) => ({ Key }));
    await s3().send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    if (!IsTruncated) return;
  }
}

/** All objects below a folder of the bucket, by the order of their keys. */
export async function* listFolder(folder: string): AsyncGenerator<{ key: string; at: number }> {
  const listed = { Bucket: env().S3_BUCKET, Prefix: folder, MaxKeys: 1000 };
  let StartAfter: string | undefined;
  for (;;) {
    const list = new ListObjectsV2Command({ ...listed, StartAfter });
    const { Contents = [], IsTruncated } = await s3().send(list);
    for (const { Key: key = '', LastModified } of Contents)
      yield { key, at: LastModified?.getTime() ?? Number.POSITIVE_INFINITY };
    if (!IsTruncated) return;
    StartAfter = Contents.at(-1)?.Key;
  }
}

/** The bytes of a stored object; nothing is fetched before the first read. */
export function readStored(key: string, abortSignal?: AbortSignal): Readable {
  return Readable.from(
    (async function* () {
      const command = new GetObjectCommand({ Bucket: env().S3_BUCKET, Key: key });
      const { Body } = await s3().send(command, { abortSignal });
      try {
        yield* Body as Readable;
      } catch (error) {
        throw asUnavailable(system, error);
      }
    })(),
    { objectMode: false },
  );
}

/** Whether the objects are still there. */
export async function areStored(keys: string[]): Promise<boolean> {
  const look = (Key: string) => s3().send(new HeadObjectCommand({ Bucket: env().S3_BUCKET, Key }));
  return Promise.all(keys.map(look)).then(
    () => true,
    () => false,
  );
}

/** An address that downloads the object under a safe name for {@link presignSeconds}. */
export function presignDownload(key: string, file: { filename: string; mime: string }) {
  return getSignedUrl(
    s3(),
    new GetObjectCommand({
      Bucket: env().S3_BUCKET,
      Key: key,
      ResponseContentDisposition: contentDisposition(file.filename),
      ResponseContentType: file.mime,
    }),
    { expiresIn: presignSeconds },
  );
}
