import type { StackFile } from '#local/stack/stack.ts';
import { createMeter, type UsageMeter } from './process-usage.ts';

/** What every suite works with. */
export type Bench = {
  root: string;
  /** Takes whatever the contestants write. */
  folder: string;
  /** Takes the generated inputs; kept from run to run. */
  inputFolder: string;
  stack: StackFile;
  /** Keys of accounts of their own. */
  keys: string[];
  rounds: number;
  say: (text: string) => void;
};

/** CPU time of a request through the public API, by the processes that it passes. */
export function apiMeter({ stack }: Bench, others: Record<string, number> = {}): UsageMeter {
  const { dynamodb = 0, media = 0, redis = 0, web = 0 } = stack.pids;
  return createMeter({ web, media, dynamodb, redis, ...others });
}

/** The key of the n-th request, when they go round. */
export function keyOf({ keys }: Bench, index: number): string {
  return keys[index % keys.length] ?? '';
}
