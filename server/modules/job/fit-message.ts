import type { Job } from '@nebula/contract/job';

/** A delivery is one row of at most 400 KB, which the replies of its receiver share. */
const maxBytes = 200_000;

/** Parts of a job that may be long, those first that are of no use after their minutes. */
const longParts = ['files', 'steps', 'warnings', 'result', 'options_effective'] as const;

/**
 * A job as one message can carry it: of one that is too long, parts are left empty and named in
 * `omitted`. The job itself always has them.
 */
export function fitMessage(job: Job): Job & { omitted?: string[] } {
  const fitted: Job = { ...job };
  const omitted: string[] = [];
  for (const part of longParts) {
    if (Buffer.byteLength(JSON.stringify(fitted)) <= maxBytes) break;
    if (fitted[part] === undefined) continue;
    Object.assign(fitted, { [part]: Array.isArray(fitted[part]) ? [] : {} });
    omitted.push(part);
  }
  return omitted.length === 0 ? job : { ...fitted, omitted };
}
