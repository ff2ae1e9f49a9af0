import { clock } from '../../platform/clock.ts';
import { wakeLooker } from '../../platform/looker.ts';

/** Who looks after what a process that died has left of jobs and batches. */
export const jobLookers = {
  open: 'open jobs',
  ended: 'ended jobs',
  openBatches: 'open batches',
  endedBatches: 'ended batches',
} as const;

/** As long as whoever writes a job has before it is looked after. */
const soonMilliseconds = 3_000;

/** Has them look often for a while: what comes to a standstill does so while there are jobs. */
export function wakeJobLookers(): void {
  for (const name of Object.values(jobLookers)) wakeLooker(name, clock.now() + soonMilliseconds);
}
