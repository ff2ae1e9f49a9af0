import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { S3Error } from './errors.ts';
import { type Signed, signChunk } from './signature.ts';

type State = 'size' | 'data' | 'data-end' | 'trailer' | 'done';

/**
 * Decodes `aws-chunked` bodies: sizes, chunk signatures where there are any, and the trailing
 * checksum, which is handed to `onTrailer`.
 */
export function decodeChunked(
  chunk: Signed['chunk'] | undefined,
  onTrailer: (name: string, value: string) => void,
): Transform {
  let state: State = 'size';
  let rest: Buffer = Buffer.alloc(0);
  let left = 0;
  let signature: string | undefined;
  let hash = createHash('sha256');

  const takeLine = (): string | undefined => {
    const end = rest.indexOf('\r\n');
    if (end < 0) {
      if (rest.length > 8192) throw new S3Error('InvalidRequest', 'A chunk header is too long.');
      return undefined;
    }
    const line = rest.subarray(0, end).toString('latin1');
    rest = rest.subarray(end + 2);
    return line;
  };

  const closeChunk = (): void => {
    if (!chunk || signature === undefined) return;
    const expected = signChunk(chunk, hash.digest('hex'));
    if (expected !== signature) throw new S3Error('SignatureDoesNotMatch');
    chunk.seed = expected;
    hash = createHash('sha256');
  };

  const step = (push: (data: Buffer) => void): boolean => {
    if (state === 'data') {
      const data = rest.subarray(0, left);
      if (data.length === 0) return false;
      rest = rest.subarray(data.length);
      left -= data.length;
      if (signature !== undefined) hash.update(data);
      push(data);
      if (left === 0) state = 'data-end';
      return true;
    }
    const line = state === 'done' ? undefined : takeLine();
    if (line === undefined) return false;
    if (state === 'data-end') {
      closeChunk();
      state = 'size';
    } else if (state === 'size') {
      const match = /^([0-9a-f]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(line);
      if (!match) throw new S3Error('InvalidRequest', 'A chunk header is not valid.');
      left = Number.parseInt(match[1] ?? '', 16);
      signature = match[2];
      if (left === 0) closeChunk();
      state = left === 0 ? 'trailer' : 'data';
    } else if (line === '') {
      state = 'done';
    } else {
      const [name = '', ...value] = line.split(':');
      onTrailer(name.trim().toLowerCase(), value.join(':').trim());
    }
    return true;
  };

  return new Transform({
    transform(data: Buffer, _encoding, done) {
      try {
        rest = rest.length === 0 ? data : Buffer.concat([rest, data]);
        while (step((part) => this.push(part)));
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      const isWhole = state === 'done' || (state === 'trailer' && rest.length === 0);
      done(isWhole ? null : new S3Error('IncompleteBody', 'The body ended within a chunk.'));
    },
  });
}
