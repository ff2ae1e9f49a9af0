import { createHash } from 'node:crypto';
import { type PublicFile, type PublicUpload, uploadSchema } from '@nebula/contract/stored-file';
import { expect } from 'vitest';
import { bearer, call } from './callers.ts';
import { png } from './samples.ts';
import { api, newAccount } from './stack.ts';

/** An account whose key may run tools on what it has stored. */
export const newFileAccount = (plan: 'free' | 'pro' | 'enterprise' = 'enterprise') =>
  newAccount({ plan, scopes: ['tools:run', 'files:read', 'files:write', 'jobs:read'] });

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Sends a file as a part. */
export async function postFile(
  key: string,
  bytes: Uint8Array,
  { name = 'file', fields = {} as Record<string, string> } = {},
): Promise<Response> {
  const form = new FormData();
  form.append('file', new Blob([bytes as Uint8Array<ArrayBuffer>]), name);
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  return fetch(`${api}/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: form,
  });
}

/** Stores a file, and gives back what is said of it. */
export async function store(
  key: string,
  bytes: Uint8Array,
  options?: Parameters<typeof postFile>[2],
): Promise<PublicFile> {
  const response = await postFile(key, bytes, options);
  const text = await response.text();
  expect(response.status, text).toBe(201);
  return JSON.parse(text) as PublicFile;
}

/** Announces an upload. */
export async function announce(key: string, wish: Record<string, unknown>): Promise<PublicUpload> {
  const { json, status, text } = await call('POST', '/uploads', bearer(key), wish);
  expect(status, text).toBe(201);
  return uploadSchema.strict().parse(json);
}

/** Sends bytes to an address of the store. */
export async function put(url: string, bytes: Uint8Array): Promise<number> {
  const body = new Blob([bytes as Uint8Array<ArrayBuffer>]);
  const response = await fetch(url, { method: 'PUT', body });
  await response.arrayBuffer();
  return response.status;
}

/** The names of all that an account has in the store, without the account's own. */
export async function storedNames(accountId: string): Promise<string[]> {
  const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  const { s3 } = await import('#server/platform/s3.ts');
  const { env } = await import('#server/env.ts');
  const Prefix = `files/${accountId}/`;
  const list = new ListObjectsV2Command({ Bucket: env().S3_BUCKET, Prefix });
  const { Contents = [] } = await s3().send(list);
  return Contents.map(({ Key = '' }) => Key.slice(Prefix.length));
}

/** A picture in the store of an account, without a call. */
export const storePhoto = async (accountId: string): Promise<{ id: string }> =>
  storeDirectly(accountId, await png(4, 4));

/** A file in the store of an account, without a call. */
export async function storeDirectly(accountId: string, bytes: Buffer): Promise<{ id: string }> {
  const upload = await sendDirectly(accountId, bytes);
  const { completeUpload } = await import('#server/modules/file/service.ts');
  return completeUpload(await accountOf(accountId), upload.id);
}

/** An upload of a picture that has come, without a call. */
export const sendPhoto = async (accountId: string): Promise<{ id: string }> =>
  sendDirectly(accountId, await png(4, 4));

async function sendDirectly(accountId: string, bytes: Buffer): Promise<{ id: string }> {
  const { beginUpload } = await import('#server/modules/file/service.ts');
  const wish = { filename: 'fixture.png', size: bytes.length };
  const upload = await beginUpload(await accountOf(accountId), wish);
  expect(await put(upload.url ?? '', bytes)).toBe(200);
  return upload;
}

async function accountOf(accountId: string) {
  const { findAccount } = await import('#server/modules/account/service.ts');
  const account = await findAccount(accountId);
  if (!account) throw new Error(`There is no account ${accountId}.`);
  return account;
}
