import type { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { S3Error } from './errors.ts';
import { type S3Request, sendEmpty } from './request.ts';
import { verifyPolicy } from './signature.ts';

type Condition = Record<string, string> | [string, ...(string | number)[]];
type Policy = { expiration: string; conditions: Condition[] };

/** A browser's form upload: the policy is signed, and says what the form may hold. */
export async function postObject(context: Omit<S3Request, 'signed' | 'key'>): Promise<void> {
  const { request, response, bucket, credentials, storage } = context;
  const fields = new Map<string, string>();
  const form = new Busboy({
    headers: { 'content-type': request.headers['content-type'] ?? '' },
    limits: { files: 1, fields: 50, fieldSize: 64 * 1024 },
  });
  let upload: Promise<{ file: string; size: number; md5: string }> | undefined;
  const parsed = new Promise<void>((resolve, reject) => {
    form.on('field', (name, value) => fields.set(name.toLowerCase(), value));
    form.on('file', (_name, stream, filename) => {
      stream.on('error', reject);
      // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own placeholder.
      const key = (fields.get('key') ?? '').replaceAll('${filename}', filename ?? 'file');
      fields.set('key', key);
      try {
        checkPolicy(fields, bucket, credentials);
      } catch (error) {
        stream.resume();
        reject(error);
        return;
      }
      upload = storage.receive(bucket, limitSize(stream, sizeRange(readPolicy(fields))));
      upload.catch(reject);
    });
    form.on('error', () => reject(new S3Error('MalformedPOSTRequest')));
    form.on('finish', resolve);
  });
  request.pipe(form);
  await parsed;
  const received = await upload;
  if (!received) throw new S3Error('MalformedPOSTRequest', 'The form has no file.');
  if (received.size < sizeRange(readPolicy(fields)).min) {
    await storage.discard(bucket, received.file);
    throw new S3Error('EntityTooSmall');
  }
  const type = fields.get('content-type');
  await storage.commit(bucket, {
    key: fields.get('key') ?? '',
    file: received.file,
    size: received.size,
    etag: `"${received.md5}"`,
    modifiedAt: Date.now(),
    headers: type ? { 'content-type': type } : {},
    userMeta: {},
    checksums: {},
    tags: [],
  });
  sendEmpty(response, Number(fields.get('success_action_status') ?? 204), {
    etag: `"${received.md5}"`,
  });
}

function readPolicy(fields: Map<string, string>): Policy {
  try {
    return JSON.parse(Buffer.from(fields.get('policy') ?? '', 'base64').toString()) as Policy;
  } catch {
    throw new S3Error('MalformedPOSTRequest', 'The policy is not valid.');
  }
}

function checkPolicy(
  fields: Map<string, string>,
  bucket: string,
  credentials: S3Request['credentials'],
): void {
  verifyPolicy(fields, credentials);
  const policy = readPolicy(fields);
  if (!(Date.parse(policy.expiration) > Date.now()))
    throw new S3Error('AccessDenied', 'Invalid according to Policy: Policy expired.');
  const fieldOf = (name: string) => (name === 'bucket' ? bucket : fields.get(name.toLowerCase()));
  for (const condition of policy.conditions) {
    const [kind, name, wanted] = Array.isArray(condition)
      ? condition
      : (['eq', ...(Object.entries(condition)[0] ?? [])] as const);
    if (kind === 'content-length-range') continue;
    const actual = fieldOf(String(name).replace(/^\$/, '')) ?? '';
    const holds = kind === 'starts-with' ? actual.startsWith(String(wanted)) : actual === wanted;
    if (!holds) throw new S3Error('AccessDenied', `Invalid according to Policy: ${String(name)}.`);
  }
}

function sizeRange({ conditions }: Policy): { min: number; max: number } {
  const range = conditions.find(
    (condition) => Array.isArray(condition) && condition[0] === 'content-length-range',
  ) as [string, number, number] | undefined;
  return { min: range?.[1] ?? 0, max: range?.[2] ?? 5 * 1024 ** 3 };
}

function limitSize(stream: Readable, { max }: { max: number }): Readable {
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > max) stream.destroy(new S3Error('EntityTooLarge'));
  });
  return stream;
}
