import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';

/** Appends the SHA-256 of a file to it, so that damage is seen. */
export function sealFile(path: string): void {
  appendFileSync(path, digest(readFileSync(path)));
}

/** Whether a file is as it was when it was sealed. */
export function isSealed(path: string): boolean {
  const bytes = readFileSync(path);
  return digest(bytes.subarray(0, -32)).equals(bytes.subarray(-32));
}

function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
