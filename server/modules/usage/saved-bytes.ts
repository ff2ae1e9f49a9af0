import { type FileType, fileTypes } from '@nebula/contract/file-types';

/**
 * By how much outputs are smaller than the inputs that they were made from, in bytes. Nothing where
 * they are of another kind: a page as a picture has not become smaller.
 */
export function savedBytes(
  inputs: { type: FileType; size: number }[],
  outputs: { mime: string; size: number }[],
): number {
  const kinds = new Set([
    ...inputs.map(({ type }) => kindOf(fileTypes[type].mime)),
    ...outputs.map(({ mime }) => kindOf(mime)),
  ]);
  if (kinds.size !== 1 || inputs.length === 0 || outputs.length === 0) return 0;
  const sum = (files: { size: number }[]) => files.reduce((all, { size }) => all + size, 0);
  return Math.max(0, sum(inputs) - sum(outputs));
}

/** `image`, `video`; documents are each of their own kind. */
function kindOf(mime: string): string {
  const [family = '', name = ''] = mime.split('/');
  return family === 'application' ? name : family;
}
