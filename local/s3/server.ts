import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as buckets from './buckets.ts';
import { applyCors } from './cors.ts';
import { S3Error } from './errors.ts';
import * as multipart from './multipart.ts';
import * as objects from './objects.ts';
import { postObject } from './post-policy.ts';
import type { S3Request } from './request.ts';
import { type Credentials, rawPath, verifySignature } from './signature.ts';
import { type CorsRule, Storage } from './storage.ts';
import { writeXml } from './xml.ts';

export type S3Options = Credentials & {
  /** 0 for any free port. */
  port: number;
  dir: string;
  /** Buckets that are made at the start. */
  buckets?: string[];
  /** Origins of browsers that may upload and download where a bucket has no rules of its own. */
  corsOrigins?: string[];
};

const sweepMilliseconds = 60 * 60 * 1000;

/** Starts an S3 server on loopback; objects lie on disk. */
export async function startS3(
  options: S3Options,
): Promise<{ url: string; close: () => Promise<void> }> {
  const storage = new Storage(options.dir);
  for (const bucket of options.buckets ?? []) storage.createBucket(bucket);
  const uploads: multipart.MultipartUploads = new Map();
  const defaultCors: CorsRule[] = [
    {
      origins: options.corsOrigins ?? [],
      methods: ['GET', 'HEAD', 'PUT', 'POST'],
      headers: ['*'],
      expose: ['ETag'],
    },
  ];
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => sendError(request, response, error));
  });
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://s3');
    if (url.pathname === '/_health') return void response.end('ok');
    const [bucket = '', ...rest] = rawPath(request).slice(1).split('/').map(decodeURIComponent);
    const key = rest.join('/');
    const isAllowed = applyCors(request, response, storage.config(bucket).cors ?? defaultCors);
    if (request.method === 'OPTIONS') return void response.writeHead(isAllowed ? 200 : 403).end();
    const context = { request, response, url, bucket, storage, uploads, credentials: options };
    const isForm = request.headers['content-type']?.startsWith('multipart/form-data');
    if (request.method === 'POST' && key === '' && isForm) {
      if (!storage.hasBucket(bucket)) throw new S3Error('NoSuchBucket');
      return postObject(context);
    }
    const signed = verifySignature(request, url, options);
    await route({ ...context, key, signed });
  };
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const sweep = setInterval(() => void storage.sweep(), sweepMilliseconds);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      clearInterval(sweep);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function route(context: S3Request): Promise<void> {
  const { request, url, bucket, key, storage } = context;
  const { method = 'GET' } = request;
  if (bucket === '') return buckets.listBuckets(context);
  if (key === '' && method === 'PUT' && url.searchParams.size === 0)
    return buckets.createBucket(context);
  if (!storage.hasBucket(bucket)) throw new S3Error('NoSuchBucket');
  const table = key === '' ? bucketRoutes : objectRoutes;
  const found = table.find(
    ([verb, query]) => verb === method && (query === '' || url.searchParams.has(query)),
  );
  if (!found) throw new S3Error('MethodNotAllowed');
  await found[2](context);
}

type Route = [method: string, query: string, run: (context: S3Request) => void | Promise<void>];

/** The first row whose method and query name match; a row without a name comes last. */
const bucketRoutes: Route[] = [
  ['PUT', 'cors', buckets.putCors],
  ['GET', 'cors', buckets.getCors],
  ['PUT', 'lifecycle', buckets.putLifecycle],
  ['GET', 'lifecycle', buckets.getLifecycle],
  ['GET', 'uploads', multipart.listUploads],
  ['POST', 'delete', objects.deleteObjects],
  ['GET', '', buckets.listObjects],
  ['HEAD', '', ({ response }) => void response.writeHead(200).end()],
  ['DELETE', '', buckets.deleteBucket],
];

const objectRoutes: Route[] = [
  ['PUT', 'uploadId', multipart.uploadPart],
  ['GET', 'uploadId', multipart.listParts],
  ['DELETE', 'uploadId', multipart.abortUpload],
  ['POST', 'uploads', multipart.createUpload],
  ['POST', 'uploadId', multipart.completeUpload],
  ['PUT', 'tagging', objects.putTagging],
  ['GET', 'tagging', objects.getTagging],
  ['PUT', '', objects.putObject],
  ['GET', '', objects.getObject],
  ['HEAD', '', objects.getObject],
  ['DELETE', '', objects.deleteObject],
];

function sendError(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const known = error instanceof S3Error ? error : new S3Error('InternalError');
  if (known.code === 'InternalError') process.stderr.write(`s3: ${(error as Error).stack}\n`);
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = writeXml('Error', [
    ['Code', known.code],
    ['Message', known.message],
    ['Resource', request.url?.split('?')[0] ?? '/'],
  ]).replace(/ xmlns="[^"]*"/, '');
  // An unread body would otherwise be read to its end.
  response.writeHead(known.status, { 'content-type': 'application/xml', connection: 'close' });
  response.end(request.method === 'HEAD' ? undefined : body);
}
