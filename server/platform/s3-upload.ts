import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetBucketCorsCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { env } from '../env.ts';
import { logger } from './logger.ts';
import { isLong, presignSeconds, s3 } from './s3.ts';

/** The smallest part that a store takes, but for the last. */
export const minPartBytes = 5 * 1024 * 1024;

/** An address that takes exactly so many bytes by PUT, for {@link presignSeconds}. */
export function presignUpload(key: string, size: number): Promise<string> {
  const command = new PutObjectCommand({ Bucket: env().S3_BUCKET, Key: key, ContentLength: size });
  return getSignedUrl(s3(), command, { expiresIn: presignSeconds });
}

/** Begins an upload in parts; gives the store's name for it. */
export async function beginParts(key: string): Promise<string> {
  const command = new CreateMultipartUploadCommand({ Bucket: env().S3_BUCKET, Key: key });
  const { UploadId } = await s3().send(command);
  if (!UploadId) throw new Error('the store has given no name to an upload in parts');
  return UploadId;
}

/** An address that takes one part, from 1, of exactly so many bytes. */
export function presignPart(
  key: string,
  partsId: string,
  { number, size }: { number: number; size: number },
): Promise<string> {
  const command = new UploadPartCommand({
    Bucket: env().S3_BUCKET,
    Key: key,
    UploadId: partsId,
    PartNumber: number,
    ContentLength: size,
  });
  return getSignedUrl(s3(), command, { expiresIn: presignSeconds });
}

/** Puts the parts together when all have come; says how many have. */
export async function joinParts(key: string, partsId: string, count: number): Promise<number> {
  const named = { Bucket: env().S3_BUCKET, Key: key, UploadId: partsId };
  const { Parts = [] } = await s3().send(new ListPartsCommand(named));
  if (Parts.length < count) return Parts.length;
  const parts = Parts.map(({ ETag, PartNumber }) => ({ ETag, PartNumber }));
  await s3().send(
    new CompleteMultipartUploadCommand({ ...named, MultipartUpload: { Parts: parts } }),
    isLong,
  );
  return Parts.length;
}

/** Forgets an upload in parts and what has come of it; one that is over already is no error. */
export async function dropParts(key: string, partsId: string): Promise<void> {
  const command = { Bucket: env().S3_BUCKET, Key: key, UploadId: partsId };
  await s3()
    .send(new AbortMultipartUploadCommand(command))
    .catch((error: unknown) => {
      if (!isNamed(error, 'NoSuchUpload')) throw error;
    });
}

/** Bytes of a stored object; undefined where there is none. */
export async function sizeOfStored(key: string): Promise<number | undefined> {
  try {
    const command = new HeadObjectCommand({ Bucket: env().S3_BUCKET, Key: key });
    return (await s3().send(command)).ContentLength;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether the store has refused because there is no such object. */
export const isMissing = (error: unknown) => isNamed(error, 'NotFound', 'NoSuchKey');

/**
 * Lets browsers send files to presigned addresses. The address is the permission, so any page may
 * use one. Rules that somebody has given the bucket stay.
 */
export async function letBrowsersUpload(): Promise<void> {
  const Bucket = env().S3_BUCKET;
  try {
    await s3().send(new GetBucketCorsCommand({ Bucket }));
    return;
  } catch (error) {
    if (!isNamed(error, 'NoSuchCORSConfiguration')) return noteNoCors(error);
  }
  const rule = {
    AllowedOrigins: ['*'],
    AllowedMethods: ['GET', 'HEAD', 'PUT'],
    AllowedHeaders: ['*'],
    ExposeHeaders: ['ETag'],
    MaxAgeSeconds: 600,
  };
  const command = new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [rule] } });
  await s3().send(command).catch(noteNoCors);
}

function noteNoCors(error: unknown): void {
  logger().warn({ err: error }, 'the bucket has no rule that lets browsers upload to it');
}

const isNamed = (error: unknown, ...names: string[]) =>
  error instanceof Error && names.includes(error.name);
