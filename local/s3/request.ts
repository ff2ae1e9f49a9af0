import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MultipartUploads } from './multipart.ts';
import type { Credentials, Signed } from './signature.ts';
import type { Storage } from './storage.ts';
import { type Node, writeXml } from './xml.ts';

/** One request that has passed its signature. */
export type S3Request = {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  bucket: string;
  key: string;
  signed: Signed;
  storage: Storage;
  uploads: MultipartUploads;
  credentials: Credentials;
};

export function sendXml(response: ServerResponse, name: string, children: readonly Node[]): void {
  const body = writeXml(name, children);
  response.writeHead(200, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

export function sendEmpty(
  response: ServerResponse,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-length': 0, ...headers });
  response.end();
}

/** Headers of a PUT that the object keeps and gives back. */
export function keptHeaders(request: IncomingMessage) {
  const names = [
    'content-type',
    'content-disposition',
    'content-encoding',
    'content-language',
    'cache-control',
    'expires',
  ];
  const headers: Record<string, string> = {};
  for (const name of names) {
    const value = request.headers[name];
    if (typeof value !== 'string') continue;
    const kept = name === 'content-encoding' ? value.replace(/\baws-chunked,?\s*/g, '') : value;
    if (kept) headers[name] = kept;
  }
  const userMeta: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (name.startsWith('x-amz-meta-')) userMeta[name.slice('x-amz-meta-'.length)] = String(value);
  }
  return { headers, userMeta };
}
