import { finished, pipeline, Readable, Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib';
import type { Dispatcher } from 'undici';
import { EgressFailedError, EgressLimitError } from './errors.ts';

export const acceptedEncodings = 'gzip, deflate, br, zstd';

const maxEncodings = 3;

// RFC 9659 caps the window of zstd at 8 MiB on the web; zlib would take 128 MiB a stream.
const decoders: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: 23 } }),
};

type ReadBodyOptions = {
  method: string;
  maxBytes: number;
  /** The bytes as they came. */
  isRaw: boolean;
  explain: (error: unknown) => unknown;
};

/**
 * Decodes a response's body piece by piece, and ends it with an error past `maxBytes`. Whoever made
 * the connection closes it when `body` closes.
 */
export function readBody(
  response: Pick<Dispatcher.ResponseData, 'body' | 'headers' | 'statusCode'>,
  { method, maxBytes, isRaw, explain }: ReadBodyOptions,
): { body: Readable; headers: Dispatcher.ResponseData['headers'] } {
  const hasBody = method !== 'HEAD' && ![204, 304].includes(response.statusCode);
  const encodings = hasBody && !isRaw ? encodingsOf(response.headers['content-encoding']) : [];
  const declaredBytes = hasBody ? Number(response.headers['content-length'] ?? 0) : 0;
  const isTooLarge = encodings.length === 0 && declaredBytes > maxBytes;
  const body = isTooLarge
    ? tooLarge(maxBytes)
    : counted(decode(response.body, encodings), maxBytes, explain);
  // Nobody may be reading when the time is over, and that must not crash the process.
  body.on('error', () => {});
  if (encodings.length === 0) return { body, headers: response.headers };
  const { 'content-encoding': _encoding, 'content-length': _length, ...headers } = response.headers;
  return { body, headers };
}

function encodingsOf(header: string | string[] | undefined): string[] {
  const encodings = String(header ?? '')
    .toLowerCase()
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== '' && encoding !== 'identity');
  if (encodings.length > maxEncodings || encodings.some((name) => !Object.hasOwn(decoders, name))) {
    const message = `The content of the URL is encoded in a way that cannot be read. Expected one of ${acceptedEncodings}.`;
    throw new EgressFailedError('unreachable', message);
  }
  return encodings;
}

function decode(raw: Readable, encodings: string[]): Readable {
  let decoded = raw;
  for (const name of encodings.toReversed()) {
    const decoder = decoders[name]?.();
    // The error reaches the reader through the destroyed decoder; nobody needs it twice.
    if (decoder) decoded = pipeline(decoded, decoder, () => {});
  }
  return decoded;
}

function tooLarge(maxBytes: number): Readable {
  return new Readable({
    read() {
      this.destroy(new EgressLimitError(maxBytes));
    },
  });
}

function counted(source: Readable, maxBytes: number, explain: (error: unknown) => unknown) {
  let bytes = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) done(new EgressLimitError(maxBytes));
      else done(null, chunk);
    },
  });
  finished(source, { writable: false }, (error) => {
    if (error) counter.destroy(asError(explain(error)));
  });
  return source.pipe(counter);
}

function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error('The download was stopped.', { cause: value });
}
