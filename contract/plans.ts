/** 1 MB of a plan's file limit, in bytes (binary megabyte, the generous reading). */
export const megabyte = 1024 * 1024;

/**
 * The plans: the one table of limits and prices.
 *
 * Prices are integer paise for one cycle of 30 days; retention is in seconds; sizes are bytes.
 */
export const plans = {
  free: {
    id: 'free',
    name: 'Free',
    pricePaise: 0,
    maxInputBytes: 10 * megabyte,
    maxFiles: 20,
    maxTotalBytes: 40 * megabyte,
    callsPerCycle: 250,
    requestsPerMinute: 20,
    concurrentJobs: 1,
    maxTimeoutSeconds: 600,
    retentionSeconds: 60 * 60,
  },
  pro: {
    id: 'pro',
    name: 'Pro',
    pricePaise: 149_900,
    maxInputBytes: 50 * megabyte,
    maxFiles: 100,
    maxTotalBytes: 200 * megabyte,
    callsPerCycle: 10_000,
    requestsPerMinute: 240,
    concurrentJobs: 5,
    maxTimeoutSeconds: 1800,
    retentionSeconds: 24 * 60 * 60,
  },
  enterprise: {
    id: 'enterprise',
    name: 'Enterprise',
    pricePaise: 999_900,
    maxInputBytes: 200 * megabyte,
    maxFiles: 100,
    maxTotalBytes: 800 * megabyte,
    callsPerCycle: 200_000,
    requestsPerMinute: 2_400,
    concurrentJobs: 20,
    maxTimeoutSeconds: 1800,
    retentionSeconds: 7 * 24 * 60 * 60,
  },
} as const satisfies Record<string, Plan>;

export type PlanId = keyof typeof plans;

export const planIds = Object.keys(plans) as [PlanId, ...PlanId[]];

export type Plan = {
  id: string;
  name: string;
  pricePaise: number;
  maxInputBytes: number;
  /** Files in one call, for the tools that take several. */
  maxFiles: number;
  /** All files of one call together. */
  maxTotalBytes: number;
  callsPerCycle: number;
  requestsPerMinute: number;
  concurrentJobs: number;
  /** The longest time limit of a run, where its tool allows that much. */
  maxTimeoutSeconds: number;
  retentionSeconds: number;
};
