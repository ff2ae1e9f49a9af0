import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startS3 } from './server.ts';

const dir = mkdtempSync(join(tmpdir(), 'nebula-s3-'));
const credentials = { accessKeyId: 'access', secretAccessKey: 'secret' };
const Bucket = 'bucket';
let server: Awaited<ReturnType<typeof startS3>>;
let s3: S3Client;

beforeAll(async () => {
  server = await startS3({
    ...credentials,
    dir,
    port: 0,
    buckets: [Bucket],
    corsOrigins: ['http://app.test'],
  });
  s3 = clientOf(server.url);
});

afterAll(async () => {
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

function clientOf(
  endpoint: string,
  checks: 'WHEN_SUPPORTED' | 'WHEN_REQUIRED' = 'WHEN_SUPPORTED',
  secretAccessKey = 'secret',
) {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: 'access', secretAccessKey },
    requestChecksumCalculation: checks,
    responseChecksumValidation: checks,
  });
}

const put = (Key: string, Body: Buffer | string, rest = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...rest }));
const read = async (Key: string, rest = {}) => {
  const answer = await s3.send(new GetObjectCommand({ Bucket, Key, ...rest }));
  return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
};
const statusOf = (work: Promise<unknown>) =>
  work.then(
    () => 200,
    (error: { $metadata?: { httpStatusCode?: number } }) => error.$metadata?.httpStatusCode,
  );

describe('objects', () => {
  it.each(['plain', 'with space+é.txt', 'x/../../climb', 'a', 'a/child', 'ünï/💾'])(
    '%s gives back its bytes and facts',
    async (Key) => {
      await put(Key, `of ${Key}`, {
        ContentType: 'text/plain',
        Metadata: { owner: 'me' },
        CacheControl: 'no-store',
      });
      expect((await read(Key)).toString()).toBe(`of ${Key}`);
      const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
      expect(head).toMatchObject({
        ContentType: 'text/plain',
        Metadata: { owner: 'me' },
        CacheControl: 'no-store',
      });
    },
  );

  it.each(['WHEN_SUPPORTED', 'WHEN_REQUIRED'] as const)(
    'streams arrive whole, checksums %s',
    async (checks) => {
      const data = randomBytes(12 * 1024 * 1024 + 7);
      const params = {
        Bucket,
        Key: `stream-${checks}`,
        Body: Readable.from([data.subarray(0, 5_000_000), data.subarray(5_000_000)]),
      };
      await new Upload({
        client: clientOf(server.url, checks),
        partSize: 5 * 1024 * 1024,
        params,
      }).done();
      expect((await read(params.Key)).equals(data)).toBe(true);
    },
  );

  it('a missing one is NoSuchKey', async () => {
    await expect(read('nothing')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('ranges give their part, and one outside is 416', async () => {
    await put('ranged', '0123456789');
    expect((await read('ranged', { Range: 'bytes=2-4' })).toString()).toBe('234');
    expect((await read('ranged', { Range: 'bytes=-3' })).toString()).toBe('789');
    expect(await statusOf(read('ranged', { Range: 'bytes=20-30' }))).toBe(416);
  });

  it('conditions hold: create only, unchanged, same version', async () => {
    const { ETag } = await put('conditional', 'one');
    expect(await statusOf(put('conditional', 'two', { IfNoneMatch: '*' }))).toBe(412);
    expect(await statusOf(put('conditional', 'two', { IfMatch: '"other"' }))).toBe(412);
    expect(await statusOf(read('conditional', { IfNoneMatch: ETag }))).toBe(304);
    expect((await read('conditional')).toString()).toBe('one');
  });

  it('a wrong checksum stores nothing', async () => {
    expect(await statusOf(put('broken', 'hello', { ChecksumCRC32: 'AAAAAA==' }))).toBe(400);
    expect(await statusOf(read('broken'))).toBe(404);
  });

  it('can be copied, tagged and deleted, one or many', async () => {
    await put('first', 'copy me');
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'second', CopySource: `${Bucket}/first` }));
    expect((await read('second')).toString()).toBe('copy me');
    const TagSet = [{ Key: 'k', Value: 'v' }];
    await s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'second', Tagging: { TagSet } }));
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'second' }))).TagSet).toEqual(
      TagSet,
    );
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'first' }));
    await s3.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: { Objects: [{ Key: 'second' }, { Key: 'never' }] },
      }),
    );
    expect(await statusOf(read('second'))).toBe(404);
  });

  it('are listed by prefix, delimiter and page', async () => {
    for (let at = 0; at < 7; at++) await put(`list/${at}/x`, 'x');
    const grouped = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: 'list/', Delimiter: '/' }),
    );
    expect(grouped.CommonPrefixes).toHaveLength(7);
    const seen: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({ Bucket, Prefix: 'list/', MaxKeys: 3, ContinuationToken }),
      );
      seen.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6].map((at) => `list/${at}/x`));
  });
});

describe('uploads in parts', () => {
  it('are joined in order, can be listed, and are gone after an abort', async () => {
    const data = randomBytes(6 * 1024 * 1024);
    const start = async (Key: string) => ({
      Bucket,
      Key,
      UploadId: (await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }))).UploadId,
    });
    const upload = await start('parts');
    const parts = [data.subarray(0, 5 * 1024 * 1024), data.subarray(5 * 1024 * 1024)];
    const Parts: { ETag?: string; PartNumber: number }[] = [];
    for (const [at, Body] of parts.entries()) {
      const { ETag } = await s3.send(
        new UploadPartCommand({ ...upload, PartNumber: at + 1, Body }),
      );
      Parts.push({ ETag, PartNumber: at + 1 });
    }
    expect((await s3.send(new ListPartsCommand(upload))).Parts).toHaveLength(2);
    await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
    expect((await read('parts')).equals(data)).toBe(true);
    const given = await start('given-up');
    await s3.send(new AbortMultipartUploadCommand(given));
    expect((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).toHaveLength(
      0,
    );
    expect(
      await statusOf(s3.send(new UploadPartCommand({ ...given, PartNumber: 1, Body: 'x' }))),
    ).toBe(404);
  });
});

describe('presigned addresses', () => {
  it('put, and get under the name and type that were signed', async () => {
    const to = await getSignedUrl(
      clientOf(server.url, 'WHEN_REQUIRED'),
      new PutObjectCommand({ Bucket, Key: 'signed', ContentType: 'text/plain' }),
      { expiresIn: 60 },
    );
    expect(
      (
        await fetch(to, {
          method: 'PUT',
          body: 'signed!',
          headers: { 'content-type': 'text/plain' },
        })
      ).status,
    ).toBe(200);
    const from = await getSignedUrl(
      s3,
      new GetObjectCommand({
        Bucket,
        Key: 'signed',
        ResponseContentDisposition: 'attachment; filename="x.txt"',
      }),
      { expiresIn: 60 },
    );
    const answer = await fetch(from);
    expect([await answer.text(), answer.headers.get('content-disposition')]).toEqual([
      'signed!',
      'attachment; filename="x.txt"',
    ]);
  });

  it('are refused when changed, expired, unsigned, or of another type or size', async () => {
    await put('guarded', 'x');
    const from = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'guarded' }), {
      expiresIn: 60,
      signingDate: new Date(),
    });
    const old = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'guarded' }), {
      expiresIn: 1,
      signingDate: new Date(Date.now() - 60_000),
    });
    for (const url of [
      from.replace(/Signature=..../, 'Signature=0000'),
      from.replace('guarded', 'plain'),
      old,
      `${server.url}/${Bucket}/guarded`,
    ])
      expect((await fetch(url)).status).toBe(403);
    const typed = await getSignedUrl(
      s3,
      new PutObjectCommand({ Bucket, Key: 'typed', ContentType: 'text/plain' }),
      { expiresIn: 60, signableHeaders: new Set(['content-type']) },
    );
    expect(
      (await fetch(typed, { method: 'PUT', body: 'x', headers: { 'content-type': 'text/html' } }))
        .status,
    ).toBe(403);
    const sized = await getSignedUrl(
      s3,
      new PutObjectCommand({ Bucket, Key: 'sized', ContentLength: 3 }),
      { expiresIn: 60, signableHeaders: new Set(['content-length']) },
    );
    expect((await fetch(sized, { method: 'PUT', body: 'too long' })).status).toBe(403);
  });

  it('a form is held to its policy', async () => {
    const post = async (length: number, max: number) => {
      const { fields, url } = await createPresignedPost(s3, {
        Bucket,
        Key: `form-${length}`,
        Conditions: [['content-length-range', 0, max]],
        Expires: 60,
      });
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      form.append('file', new Blob(['x'.repeat(length)]));
      return (await fetch(url, { method: 'POST', body: form })).status;
    };
    expect(await post(10, 100)).toBe(204);
    expect(await post(1000, 100)).toBe(400);
    expect(await statusOf(read('form-1000'))).toBe(404);
  });
});

describe('refusals and settings', () => {
  it('a wrong secret and an unknown bucket', async () => {
    const wrong = clientOf(server.url, 'WHEN_REQUIRED', 'wrong');
    expect(await statusOf(wrong.send(new GetObjectCommand({ Bucket, Key: 'plain' })))).toBe(403);
    expect(await statusOf(s3.send(new GetObjectCommand({ Bucket: 'nowhere', Key: 'x' })))).toBe(
      404,
    );
  });

  it('CORS admits the listed origins only, until the bucket says otherwise', async () => {
    const ask = (origin: string) =>
      fetch(`${server.url}/${Bucket}/x`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'PUT' },
      });
    expect((await ask('http://app.test')).headers.get('access-control-allow-origin')).toBe(
      'http://app.test',
    );
    expect((await ask('http://evil.test')).status).toBe(403);
    await s3.send(new CreateBucketCommand({ Bucket: 'other' }));
    const CORSRules = [{ AllowedMethods: ['GET'], AllowedOrigins: ['http://third.test'] }];
    await s3.send(new PutBucketCorsCommand({ Bucket: 'other', CORSConfiguration: { CORSRules } }));
    const get = await fetch(`${server.url}/other/x`, {
      method: 'OPTIONS',
      headers: { origin: 'http://third.test', 'access-control-request-method': 'GET' },
    });
    expect(get.headers.get('access-control-allow-origin')).toBe('http://third.test');
  });

  it('a lifecycle rule is kept', async () => {
    const Rules = [
      { ID: 'x', Status: 'Enabled' as const, Filter: { Prefix: 'tmp/' }, Expiration: { Days: 1 } },
    ];
    expect(
      await statusOf(
        s3.send(
          new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }),
        ),
      ),
    ).toBe(200);
  });
});

describe('a crash', () => {
  it('in the middle of a write leaves the old object, and nothing half', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nebula-s3-crash-'));
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    const start = async () => {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
        env: {
          ...process.env,
          S3_PORT: String(port),
          S3_DIR: folder,
          S3_ACCESS_KEY_ID: 'access',
          S3_SECRET_ACCESS_KEY: 'secret',
          S3_BUCKETS: Bucket,
        },
      });
      await new Promise((resolve) => child.stdout.once('data', resolve));
      return child;
    };
    const first = await start();
    const client = clientOf(`http://127.0.0.1:${port}`);
    await client.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'old' }));
    const url = new URL(
      await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: 'kept' }), { expiresIn: 60 }),
    );
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      `PUT ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(50_000)}`,
    );
    await expect.poll(() => readdirSync(join(folder, Bucket, 'incoming')).length).toBe(1);
    const ended = new Promise((resolve) => first.once('exit', resolve));
    first.kill('SIGKILL');
    await ended;
    const second = await start();
    const answer = await client.send(new GetObjectCommand({ Bucket, Key: 'kept' }));
    expect(await answer.Body?.transformToString()).toBe('old');
    expect(readdirSync(join(folder, Bucket, 'incoming'))).toEqual([]);
    second.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
});
