import { megabyte, plans } from '@nebula/contract/plans';

// Loaded into the measured processes by NODE_OPTIONS. No plan takes a file of 800 MB, and the figure
// is about memory, not about plans: one number is another one, and every line that runs is the same.
const limits: { maxInputBytes: number } = plans.enterprise;
limits.maxInputBytes = 1024 * megabyte;
