import type { JobProgress } from '@nebula/contract/job';

/**
 * How far a job is, in words.
 *
 * @example
 * // "encoding, pass 2, 61 fps, 2.4x, 12 s left"
 */
export function describeProgress(progress: JobProgress): string {
  const { eta_seconds: left, fps, pass, speed, stage } = progress;
  const facts = [
    stage,
    pass === null ? '' : `pass ${pass}`,
    fps === null ? '' : `${Math.round(fps)} fps`,
    speed === null ? '' : `${speed.toFixed(1)}x`,
    left === null ? '' : `${Math.ceil(left)} s left`,
  ];
  return facts.filter(Boolean).join(', ');
}
