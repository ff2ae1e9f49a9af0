/** Whoever has an event in hand has it alone for so long. */
export const leaseMilliseconds = 10_000;
